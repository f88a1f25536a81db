# Boxes from the last keys of DINO ViT-S/16, without training or classes.
model = dict(
    type='mmscm.KeyLocalizer',
    backbone=dict(
        type='mmscm.AttentionTIMM', model_name='vit_small_patch16_224.dino'
    ),
)
