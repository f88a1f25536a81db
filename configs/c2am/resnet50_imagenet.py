"""C2AM with ResNet-50 on ILSVRC: 224 px, test at 448 px.

README of its code, followed by PSOL and another network's classes: Top-1 Loc
54.41, Top-5 Loc 64.77, GT-Known 67.80.
"""

_base_ = [
    '../_base_/models/c2am_resnet50.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/c2am_imagenet.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=1000))
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (448, 448)
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
