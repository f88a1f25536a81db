"""BAS with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    head=dict(
        type='mmscm.BASHead',
        hidden=(128,),
        after='layer3',
        early_channels=128,
        area_weight=1.5,
        masked_weight=0.5,
    ),
)
