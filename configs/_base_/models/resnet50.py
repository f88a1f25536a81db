# CAM with ResNet-50 as wsolevaluation cuts it: 14 x 14 at 224 px.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='ResNet',
        depth=50,
        strides=(1, 2, 2, 1),
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    head=dict(type='mmscm.CAMHead', num_classes=1000, in_channels=2048),
)
