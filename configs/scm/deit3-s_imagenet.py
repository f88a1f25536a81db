"""SCM with DeiT-III-S on ILSVRC at 224 px.

Not in the paper.
"""

_base_ = [
    '../_base_/models/deit3-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/imagenet_20e.py',
    '../_base_/default_runtime.py',
]

model = dict(neck=dict(type='mmscm.SCM'))
