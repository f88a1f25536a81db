"""SPG with VGG16 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 58.3.
"""

_base_ = '../cam/vgg16_openimages.py'

model = dict(
    backbone=dict(pools=((2, 2), (2, 2), (2, 2), (3, 2), None)),
    head=dict(hidden=(512, 512)),
    regularizers=[
        dict(
            type='mmscm.SelfProducedGuidance',
            early='features.13',
            middle='features.16',
            in_channels=(512, 512, 512),
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
    paramwise_cfg=dict(custom_keys={'regularizers': dict(lr_mult=10)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
