"""SCM with DeiT-S on CUB-200-2011 at 224 px.

Paper, Table 1: Top-1 Loc 76.4, Top-5 Loc 91.6, GT-Known 96.6; Top-1 Cls 78.5.
Its GT-Known scores the map of the predicted class (protocol `scm`).
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=dict(type='mmscm.SCM'),
    head=dict(num_classes=200),
)
