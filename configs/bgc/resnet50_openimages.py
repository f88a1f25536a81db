"""BGC with ResNet-50 on OpenImages30k at 224 px.

The settings are those of CUB.
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    backbone=dict(strides=(1, 2, 1, 1)),
    regularizers=[
        dict(
            type='mmscm.FeatureAlignment',
            after='layer4.0',
            sign='label',
            warm_up=3,
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=2e-3),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=1)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
