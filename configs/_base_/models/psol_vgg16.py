# PSOL's regressor on VGG16 after its last pooling: 7 x 7 at 224 px.
model = dict(
    type='mmscm.BoxLocalizer',
    backbone=dict(
        type='VGG',
        depth=16,
        out_indices=(4,),
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/vgg/'
            'vgg16_batch256_imagenet_20210208-db26f1a5.pth',
            prefix='backbone',
        ),
    ),
    in_channels=512,
)
