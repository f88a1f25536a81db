"""ADL with VGG16 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 59.8 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_imagenet.py'

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
