"""ADL with VGG16 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 66.3 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.AttentionDropout',
            after=('features.9', 'features.12', 'features.16'),
            drop_rate=0.75,
            drop_thr=0.9,
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
)
