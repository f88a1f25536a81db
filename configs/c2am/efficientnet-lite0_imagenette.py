"""C2AM with EfficientNet-Lite0 on ten ImageNet classes at 224 px."""

_base_ = [
    '../_base_/models/efficientnet-lite0_imagenette.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/channels_last_runtime.py',
]

data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
model = dict(head=dict(type='mmscm.CCAMHead', in_channels=(1280,), alpha=0.05))
