# TS-CAM with a ViT small enough for a CPU: 14 x 14 patches of 8 px.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionViT',
        arch=dict(
            embed_dims=128,
            num_layers=6,
            num_heads=4,
            feedforward_channels=512,
        ),
        img_size=112,
        patch_size=8,
    ),
    head=dict(type='mmscm.SemanticHead', num_classes=10, in_channels=128),
)
