# TS-CAM with DINOv2-S/14 and its four register tokens: 16 x 16 patches.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionTIMM',
        model_name='vit_small_patch14_reg4_dinov2.lvd142m',
        pretrained=True,
        img_size=224,
        drop_path_rate=0.1,  # as DeiT-S
    ),
    head=dict(type='mmscm.SemanticHead', num_classes=1000, in_channels=384),
)
