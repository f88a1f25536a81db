"""GC-Net with VGG16 and ellipses on CUB-200-2011 at 224 px.

BAS's table: Top-1 Loc 63.24, Top-5 Loc 75.54, GT-Known 81.10.
"""

_base_ = [
    '../_base_/models/gc-net_vgg16.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/gc-net.py',
    '../_base_/default_runtime.py',
]
