"""SPOL's segmentation with ResNet-50 on ILSVRC: stage two of two.

SPOL's table, with the classes of EfficientNet-B7: Top-1 Loc 59.14, Top-5 Loc
67.15, GT-Known 69.02.
"""

_base_ = [
    '../_base_/models/spol_masks_resnet50.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/spol_masks.py',
    '../_base_/default_runtime.py',
]

masks = dict(
    type='mmscm.LoadPseudoMask',
    folder='work_dirs/spol/resnet50_imagenet/masks',
)
model = dict(head=dict(num_classes=1000))
train_pipeline = _base_.train_pipeline
train_pipeline.insert(2, masks)
train_pipeline[-1].algorithm_keys = ('pseudo_mask',)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
train_cfg = dict(max_epochs=1)
