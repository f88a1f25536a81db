"""SPOL's segmentation with ResNet-50 on OpenImages30k: stage two of two.

Not published; the settings are those of CUB.
"""

_base_ = [
    '../_base_/models/spol_masks_resnet50.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/spol_masks.py',
    '../_base_/default_runtime.py',
]

masks = dict(
    type='mmscm.LoadPseudoMask',
    folder='work_dirs/spol/resnet50_openimages/masks',
)
model = dict(head=dict(num_classes=100))
train_pipeline = _base_.train_pipeline
train_pipeline.insert(2, masks)
train_pipeline[-1].algorithm_keys = ('pseudo_mask',)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
