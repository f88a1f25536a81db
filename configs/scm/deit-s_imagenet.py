"""SCM with DeiT-S on ILSVRC at 224 px.

Paper, Table 1: Top-1 Loc 56.1, Top-5 Loc 66.4, GT-Known 68.8; Top-1 Cls 76.7.
Its GT-Known scores the map of the predicted class (protocol `scm`).
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/imagenet_20e.py',
    '../_base_/default_runtime.py',
]

model = dict(neck=dict(type='mmscm.SCM'))
