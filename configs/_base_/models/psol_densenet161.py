# PSOL's regressor on DenseNet-161: 7 x 7 at 224 px.
model = dict(
    type='mmscm.BoxLocalizer',
    backbone=dict(
        type='DenseNet',
        arch='161',
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/'
            'densenet/densenet161_4xb256_in1k_20220426-ee6a80a9.pth',
            prefix='backbone',
        ),
    ),
    in_channels=2208,
)
