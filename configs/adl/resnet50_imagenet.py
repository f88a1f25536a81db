"""ADL with ResNet-50 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.7 (protocol `wsoleval`).
"""

_base_ = '../cam/resnet50_imagenet.py'

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
