# TS-CAM with DeiT-B: the plain transformer and a convolutional head.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionViT',
        arch='deit-base',
        img_size=224,
        patch_size=16,
        drop_path_rate=0.1,  # released code; the paper does not say
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/deit/'
            'deit-base_pt-16xb64_in1k_20220216-db63c16c.pth',
            prefix='backbone',
        ),
    ),
    head=dict(type='mmscm.SemanticHead', num_classes=1000, in_channels=768),
)
