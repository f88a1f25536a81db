# CAM of EfficientNet-Lite0: global average pooling and a linear layer, so the
# maps of public weights need no training. The package that mmscm[photos]
# installs holds them. They were trained with TensorFlow's padding (right and
# below only): with the symmetric one of timm's `efficientnet_lite0` they fit
# too, but classify worse and their maps lie about 24 pixels lower right.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(type='TIMMBackbone', model_name='tf_efficientnet_lite0'),
    head=dict(type='mmscm.CAMHead', num_classes=1000, in_channels=1280),
)
