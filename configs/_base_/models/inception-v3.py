# CAM with Inception v3 as wsolevaluation cuts it: 14 x 14 at 224 px.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.WSOLInceptionV3',
        # torchvision's weights, which wsolevaluation starts from
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/'
            'inception-v3/'
            'inception-v3_3rdparty_8xb32_in1k_20220615-dcd4d910.pth',
            prefix='backbone',
        ),
    ),
    head=dict(
        type='mmscm.CAMHead',
        num_classes=1000,
        in_channels=768,
        hidden=(1024, 1024),
        dropout=0.5,
    ),
)
