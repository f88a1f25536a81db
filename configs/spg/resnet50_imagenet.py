"""SPG with ResNet-50 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.3 (protocol `wsoleval`).
"""

_base_ = '../cam/resnet50_imagenet.py'

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
