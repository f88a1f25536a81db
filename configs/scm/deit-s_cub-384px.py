"""SCM with DeiT-S on CUB-200-2011 at 384 px, 24 x 24 patches.

Not in the paper.
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/cub_384.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(img_size=384),
    neck=dict(type='mmscm.SCM'),
    head=dict(num_classes=200),
)
