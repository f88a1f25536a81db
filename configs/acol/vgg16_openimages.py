"""ACoL with VGG16 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 54.3.
"""

_base_ = '../cam/vgg16_openimages.py'

model = dict(
    backbone=dict(pools=((3, 2), (3, 2), (3, 2), (3, 2), (3, 1))),
    head=dict(
        type='mmscm.ACoLHead',
        erase_thr=0.7,
        hidden=(1024, 1024),
        pre_pool=True,
    ),
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
