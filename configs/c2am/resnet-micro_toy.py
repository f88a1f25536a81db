"""C2AM with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    backbone=dict(out_indices=(2, 3)),
    head=dict(
        type='mmscm.CCAMHead',
        num_classes=10,
        in_channels=(128, 256),
        alpha=0.05,
    ),
)
