# TS-CAM with the ViT of the paper: timm's first "small" ViT, wide and shallow.
model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionViT',
        arch='small',  # 768 wide, 8 layers, 8 heads, MLP ratio 3
        img_size=224,
        patch_size=16,
        qkv_bias=False,
        qk_scale=768**-0.5,  # what its weights were trained with
        norm_cfg=dict(type='LN', eps=1e-5),
        drop_path_rate=0.1,  # released code; the paper does not say
        # tools/model_converters/convert_released.py makes it of timm's
        # vit_small_p16_224-15ec54c9.pth (release v0.1-weights)
        init_cfg=dict(
            type='Pretrained',
            checkpoint='data/weights/vit_small_p16_224.pth',
            prefix='backbone',
        ),
    ),
    head=dict(type='mmscm.SemanticHead', num_classes=1000, in_channels=768),
)
