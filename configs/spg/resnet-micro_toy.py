"""SPG with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.SelfProducedGuidance',
            early='layer3.0',
            middle='layer3',
            in_channels=(128, 128, 256),
            width=64,
        )
    ],
)
