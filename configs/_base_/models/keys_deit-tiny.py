# Boxes from the last keys of DeiT-T, with its own classes.
model = dict(
    type='mmscm.KeyLocalizer',
    backbone=dict(
        type='mmscm.AttentionTIMM',
        model_name='deit_tiny_patch16_224.fb_in1k',
        class_token=True,
    ),
    head=dict(type='mmscm.ClassTokenHead', num_classes=1000, in_channels=192),
)
