"""LCTR with DeiT-S on CUB-200-2011 at 224 px.

Paper, as SCM's Table 1 has it: Top-1 Loc 79.2, Top-5 Loc 89.9, GT-Known 92.4
(map of the predicted class, threshold 0.09 chosen on the test set).
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/lctr_80e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(type='mmscm.AttentionLCTR'),
    head=dict(type='mmscm.CDMHead', num_classes=200, init_cfg=[]),
)
