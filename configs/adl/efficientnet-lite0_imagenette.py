"""ADL with EfficientNet-Lite0 on ten ImageNet classes at 224 px."""

_base_ = [
    '../_base_/models/efficientnet-lite0_imagenette.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/channels_last_runtime.py',
]

data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
model = dict(
    regularizers=[
        dict(
            type='mmscm.AttentionDropout',
            after=('blocks.5.0.bn1', 'blocks.6.0.bn1', 'bn2'),
            drop_rate=0.75,
            drop_thr=0.9,
        )
    ],
)
