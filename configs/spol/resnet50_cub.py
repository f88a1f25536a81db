"""SPOL's class maps with ResNet-50 on CUB-200-2011: stage one of two.

Its masks are what resnet50_cub_masks.py learns; no figure of their own.
"""

_base_ = [
    '../_base_/models/spol_resnet50.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/spol_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200, deep_teacher=True))
train_dataloader = dict(batch_size=64)
