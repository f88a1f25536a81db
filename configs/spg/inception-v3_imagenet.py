"""SPG with Inception v3 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.3 (protocol `wsoleval`).
"""

_base_ = '../cam/inception-v3_imagenet.py'

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
