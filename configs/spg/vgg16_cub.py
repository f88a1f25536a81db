"""SPG with VGG16 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 56.3 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_cub.py'

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
