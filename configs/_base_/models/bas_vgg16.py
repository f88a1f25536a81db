# BAS with VGG16: 28 x 28 at 224 px, weights of its terms for CUB.
_base_ = './vgg16.py'

model = dict(
    head=dict(
        type='mmscm.BASHead',
        hidden=(1024, 1024),
        after='features.12',
        early_channels=512,
        area_weight=0.7,
        masked_weight=0.0,
    ),
)
