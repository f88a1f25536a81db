# Labels of ILSVRC from torchvision's ResNet-50, for models of boxes only
imagenet_classifier = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(type='TIMMBackbone', model_name='resnet50.tv_in1k'),
    head=dict(type='mmscm.CAMHead', num_classes=1000, in_channels=2048),
    init_cfg=dict(
        type='Pretrained', checkpoint='public://timm/resnet50.tv_in1k'
    ),
)
