"""DA-WSOL with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.DomainAlignment',
            alignment_weight=0.3,
            universum_weight=2.0,
        )
    ],
)
