"""ADL with ResNet-50 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 58.4 (protocol `wsoleval`).
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.AttentionDropout',
            after=('layer3.0', 'layer4.0', 'layer4.2'),
            drop_rate=0.75,
            drop_thr=0.9,
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
)
