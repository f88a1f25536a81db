"""SAT with DeiT-T on ten ImageNet classes at 224 px."""

_base_ = '../tscam/deit-t_imagenette.py'

model = dict(
    backbone=dict(type='mmscm.AttentionSAT'),
    localize_with='attention',
    regularizers=[dict(type='mmscm.AreaConstraint', area=0.35)],
)
