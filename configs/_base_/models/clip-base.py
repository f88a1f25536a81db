# TS-CAM with the image tower of CLIP-B/16.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionTIMM',
        # the released weights go with the quick GELU
        model_name='vit_base_patch16_clip_quickgelu_224.openai',
        pretrained=True,
        drop_path_rate=0.1,  # as DeiT-S
    ),
    head=dict(type='mmscm.SemanticHead', num_classes=1000, in_channels=768),
)
