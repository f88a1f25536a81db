"""SCM with Conformer-S on CUB-200-2011 at 224 px.

Paper, Sec. 4.3: GT-Known 96.1. Its GT-Known scores the map of the predicted
class (protocol `scm`).
"""

_base_ = [
    '../_base_/models/conformer-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=dict(type='mmscm.SCM'),
    head=dict(num_classes=200),
)
