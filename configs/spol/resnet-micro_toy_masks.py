"""SPOL's segmentation with a narrow ResNet-18 on ToyObjects: stage two."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    backbone=dict(out_indices=(1, 2, 3)),
    head=dict(type='mmscm.PseudoMaskHead', in_channels=(64, 128, 256)),
)
masks = 'work_dirs/spol/resnet-micro_toy/masks'
train_pipeline = _base_.train_pipeline
train_pipeline.insert(0, dict(type='mmscm.LoadPseudoMask', folder=masks))
train_pipeline[-1].algorithm_keys = ('pseudo_mask',)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
