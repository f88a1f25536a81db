# PSOL's regressor on Inception v3 up to Mixed_6e: 14 x 14 at 224 px.
model = dict(
    type='mmscm.BoxLocalizer',
    backbone=dict(
        type='mmscm.WSOLInceptionV3',
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/'
            'inception-v3/'
            'inception-v3_3rdparty_8xb32_in1k_20220615-dcd4d910.pth',
            prefix='backbone',
        ),
    ),
    in_channels=768,
)
