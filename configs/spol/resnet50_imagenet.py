"""SPOL's class maps with ResNet-50 on ILSVRC: stage one of two.

Its masks are what resnet50_imagenet_masks.py learns; no figure of their own.
"""

_base_ = [
    '../_base_/models/spol_resnet50.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/spol_imagenet.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(frozen_stages=0))
