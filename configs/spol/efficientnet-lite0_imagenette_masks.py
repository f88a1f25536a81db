"""SPOL's segmentation with EfficientNet-Lite0 on ten ImageNet classes."""

_base_ = [
    '../_base_/models/efficientnet-lite0_imagenette.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/default_runtime.py',
]

data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
model = dict(
    backbone=dict(features_only=True, out_indices=(2, 3, 4)),
    head=dict(type='mmscm.PseudoMaskHead', in_channels=(40, 112, 320)),
)
folder = 'work_dirs/spol/efficientnet-lite0_imagenette/masks'
train_pipeline = _base_.train_pipeline
train_pipeline.insert(2, dict(type='mmscm.LoadPseudoMask', folder=folder))
train_pipeline[-1].algorithm_keys = ('pseudo_mask',)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
