# TriLite: heads of at most 0.8 M parameters on frozen DINOv2 ViT-S/14.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.FrozenTokens',
        model_name='vit_small_patch14_dinov2.lvd142m',
        pretrained=True,
        img_size=518,  # of its position table; images are smaller
    ),
    head=dict(
        type='mmscm.TriHead',
        num_classes=1000,
        in_channels=384,
        background_weight=500.0,
        dropout_region=0.25,
        dropout_class=0.25,
    ),
    localize_with='semantic',
)
