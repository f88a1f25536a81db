"""SPG with ResNet-50 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 56.7.
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.SelfProducedGuidance',
            early='layer3.0',
            middle='layer3',
            in_channels=(1024, 1024, 2048),
            width=1024,
        )
    ],
)
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=1)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
