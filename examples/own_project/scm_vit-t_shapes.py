"""The same with a new backbone: any ViT of timm, by its name."""

_base_ = './scm_deit-s_shapes.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmscm.AttentionTIMM',
        model_name='vit_tiny_patch16_224',
        pretrained=True,
    ),
    head=dict(in_channels=192),
)
