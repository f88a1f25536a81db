# CAM with a narrow ResNet-18, small enough for a CPU: 14 x 14 at 112 px.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='ResNet',
        depth=18,
        stem_channels=32,
        base_channels=32,
        strides=(1, 2, 1, 1),
    ),
    head=dict(type='mmscm.CAMHead', num_classes=10, in_channels=256),
)
