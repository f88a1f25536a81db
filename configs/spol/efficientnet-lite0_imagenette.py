"""SPOL's class maps with EfficientNet-Lite0 on ten ImageNet classes."""

_base_ = [
    '../_base_/models/efficientnet-lite0_imagenette.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/channels_last_runtime.py',
]

data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
model = dict(
    backbone=dict(features_only=True, out_indices=(2, 3, 4)),
    head=dict(
        type='mmscm.MFFHead', in_channels=(40, 112, 320), deep_teacher=True
    ),
)
