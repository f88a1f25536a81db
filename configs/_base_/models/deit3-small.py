# TS-CAM with DeiT-III-S: the plain transformer and a convolutional head.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionDeiT3',
        arch='small',
        img_size=224,
        patch_size=16,
        drop_path_rate=0.1,  # as DeiT-S
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/deit3/'
            'deit3-small-p16_3rdparty_in1k_20221008-0f7c70cf.pth',
            prefix='backbone',
        ),
    ),
    head=dict(type='mmscm.SemanticHead', num_classes=1000, in_channels=384),
)
