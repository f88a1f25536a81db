"""ACoL with ResNet-50 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 57.3.
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    head=dict(
        type='mmscm.ACoLHead',
        erase_thr=0.7,
        hidden=(1024, 1024),
    ),
)
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=1)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
