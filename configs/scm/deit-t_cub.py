"""SCM with DeiT-T on CUB-200-2011 at 224 px.

The paper gives no number for this pair in its tables.
"""

_base_ = [
    '../_base_/models/deit-tiny.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=dict(type='mmscm.SCM'),
    head=dict(num_classes=200),
)
