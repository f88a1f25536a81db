# DeiT-S as it is: its linear layer classifies, its attention localizes.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionTIMM',
        model_name='deit_small_patch16_224.fb_in1k',
        class_token=True,
    ),
    head=dict(type='mmscm.ClassTokenHead', num_classes=1000, in_channels=384),
    localize_with='attention',
)
