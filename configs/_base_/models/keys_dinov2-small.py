# Boxes from the last keys of DINOv2 ViT-S/14, without training or classes.
model = dict(
    type='mmscm.KeyLocalizer',
    backbone=dict(
        type='mmscm.AttentionTIMM',
        model_name='vit_small_patch14_dinov2.lvd142m',
        img_size=518,  # of its position table, enlarged or reduced to images
    ),
)
