# BAS with Inception v3: 28 x 28 at 224 px, weights of its terms for CUB.
_base_ = './inception-v3.py'

model = dict(
    backbone=dict(large_map=True, last_stage=True),
    head=dict(
        type='mmscm.BASHead',
        in_channels=2048,
        dropout=0.0,
        hidden=(1024, 1024),
        after='Mixed_6e',
        early_channels=768,
        area_weight=1.0,
        masked_weight=0.5,
    ),
)
