# CAM of EfficientNet-Lite0: global average pooling and a linear layer, so the
# maps of public weights need no training. The package that mmscm[photos]
# installs holds them.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(type='TIMMBackbone', model_name='efficientnet_lite0'),
    head=dict(type='mmscm.CAMHead', num_classes=1000, in_channels=1280),
)
