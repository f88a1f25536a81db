# TS-CAM with DeiT-T: the plain transformer and a convolutional head.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionViT',
        arch='deit-tiny',
        img_size=224,
        patch_size=16,
        drop_path_rate=0.1,  # released code; the paper does not say
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/deit/'
            'deit-tiny_pt-4xb256_in1k_20220218-13b382a0.pth',
            prefix='backbone',
        ),
    ),
    head=dict(type='mmscm.SemanticHead', num_classes=1000, in_channels=192),
)
