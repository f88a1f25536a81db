"""SAT with vit-micro on rendered ToyObjects at 112 px."""

_base_ = '../tscam/vit-micro_toy.py'

model = dict(
    backbone=dict(type='mmscm.AttentionSAT'),
    localize_with='attention',
    regularizers=[dict(type='mmscm.AreaConstraint', area=0.25)],
)
