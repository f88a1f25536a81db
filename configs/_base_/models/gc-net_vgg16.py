# GC-Net on VGG16 for CUB: its classifier is trained first, cam/vgg16_cub.
_base_ = './psol_vgg16.py'

model = dict(
    type='mmscm.GeometryLocalizer',
    classifier=dict(
        type='mmscm.WSOLClassifier',
        backbone=dict(type='mmscm.WSOLVGG'),
        head=dict(
            type='mmscm.CAMHead',
            num_classes=200,
            in_channels=512,
            hidden=(1024,),
        ),
        init_cfg=dict(
            type='Pretrained',
            checkpoint='work_dirs/cam/vgg16_cub/epoch_50.pth',
        ),
    ),
)
