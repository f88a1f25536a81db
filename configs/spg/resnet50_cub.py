"""SPG with ResNet-50 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 60.4 (protocol `wsoleval`).
"""

_base_ = '../cam/resnet50_cub.py'

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
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=1)}),
)
