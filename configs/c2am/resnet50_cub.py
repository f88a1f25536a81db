"""C2AM with ResNet-50 on CUB-200-2011: 224 px, test at 448 px.

README of its code, followed by PSOL and another network's classes: Top-1 Loc
76.36, Top-5 Loc 89.15, GT-Known 93.40.
"""

_base_ = [
    '../_base_/models/c2am_resnet50.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/c2am_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
train_dataloader = dict(batch_size=16)
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (448, 448)
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
