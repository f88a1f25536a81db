# CAM with VGG16 as wsolevaluation cuts it: 14 x 14 at 224 px.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.WSOLVGG',
        depth=16,
        # trained by OpenMMLab; wsolevaluation starts from torchvision's
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/vgg/'
            'vgg16_batch256_imagenet_20210208-db26f1a5.pth',
            prefix='backbone',
        ),
    ),
    head=dict(
        type='mmscm.CAMHead',
        num_classes=1000,
        in_channels=512,
        hidden=(1024,),
    ),
)
