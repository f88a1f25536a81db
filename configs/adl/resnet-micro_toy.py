"""ADL with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.AttentionDropout',
            after=('layer3.0', 'layer4.0', 'layer4.1'),
            drop_rate=0.75,
            drop_thr=0.9,
        )
    ],
)
