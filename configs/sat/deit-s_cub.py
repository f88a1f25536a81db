"""SAT with DeiT-S on CUB-200-2011 at 224 px.

Paper: Top-1 Loc 80.96, Top-5 Loc 94.13, GT-Known 98.45 (best of four
thresholds on the test set, largest component by pixels, ten crops).
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/sat_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(type='mmscm.AttentionSAT'),
    head=dict(num_classes=200),
    localize_with='attention',
    regularizers=[dict(type='mmscm.AreaConstraint', area=0.25)],
)
