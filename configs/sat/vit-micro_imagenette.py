"""SAT with vit-micro on ten ImageNet classes at 112 px."""

_base_ = '../tscam/vit-micro_imagenette.py'

model = dict(
    backbone=dict(type='mmscm.AttentionSAT'),
    localize_with='attention',
    regularizers=[dict(type='mmscm.AreaConstraint', area=0.35)],
)
