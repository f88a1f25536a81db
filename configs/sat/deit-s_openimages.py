"""SAT with DeiT-S on OpenImages30k at 224 px; settings chosen here."""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/sat_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(type='mmscm.AttentionSAT'),
    head=dict(num_classes=100),
    localize_with='attention',
    regularizers=[dict(type='mmscm.AreaConstraint', area=0.25)],
)

default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
