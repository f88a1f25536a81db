# BAS with ResNet-50: 28 x 28 at 224 px, weights of its terms for CUB.
_base_ = './resnet50.py'

model = dict(
    backbone=dict(type='mmscm.WSOLResNet', strides=(1, 2, 1, 1)),
    head=dict(
        type='mmscm.BASHead',
        hidden=(1024, 1024),
        after='layer3.5',
        early_channels=1024,
        area_weight=1.2,
        masked_weight=0.5,
    ),
)
