"""BGC with ResNet-50 on ILSVRC at 224 px.

SAT's table: Top-1 Loc 53.76, Top-5 Loc 65.75, GT-Known 69.89.
Only the settings of CUB are released; here they are those.
"""

_base_ = '../cam/resnet50_imagenet.py'

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
