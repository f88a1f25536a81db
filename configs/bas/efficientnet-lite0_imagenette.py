"""BAS with EfficientNet-Lite0 on ten ImageNet classes at 224 px."""

_base_ = [
    '../_base_/models/efficientnet-lite0_imagenette.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/channels_last_runtime.py',
]

data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
model = dict(
    head=dict(
        type='mmscm.BASHead',
        hidden=(512,),
        after='blocks.4',
        early_channels=112,
        area_weight=1.5,
        masked_weight=0.5,
    ),
)
