"""SPG with Inception v3 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 55.9 (protocol `wsoleval`).
"""

_base_ = '../cam/inception-v3_cub.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.SelfProducedGuidance',
            early='maxpool3',
            middle='Mixed_6d',
            in_channels=(288, 768, 1024),
        )
    ],
)
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'regularizers': dict(lr_mult=10)}),
)
