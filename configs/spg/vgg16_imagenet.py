"""SPG with VGG16 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 59.9 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_imagenet.py'

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
    paramwise_cfg=dict(custom_keys={'regularizers': dict(lr_mult=10)}),
)
