"""SPOL's segmentation with ResNet-50 on CUB-200-2011: stage two of two.

SPOL's table, with the classes of EfficientNet-B7: Top-1 Loc 80.12, Top-5 Loc
93.44, GT-Known 96.46.
"""

_base_ = [
    '../_base_/models/spol_masks_resnet50.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/spol_masks.py',
    '../_base_/default_runtime.py',
]

masks = dict(
    type='mmscm.LoadPseudoMask', folder='work_dirs/spol/resnet50_cub/masks'
)
model = dict(head=dict(num_classes=200))
train_pipeline = _base_.train_pipeline
train_pipeline.insert(2, masks)
train_pipeline[-1].algorithm_keys = ('pseudo_mask',)
train_dataloader = dict(batch_size=128, dataset=dict(pipeline=train_pipeline))
