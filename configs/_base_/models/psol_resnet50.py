# PSOL's regressor on ResNet-50: 7 x 7 at 224 px.
model = dict(
    type='mmscm.BoxLocalizer',
    backbone=dict(
        type='ResNet',
        depth=50,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    in_channels=2048,
)
