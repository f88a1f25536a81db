"""LCTR with DeiT-T on ten ImageNet classes at 224 px."""

_base_ = '../tscam/deit-t_imagenette.py'

model = dict(
    backbone=dict(type='mmscm.AttentionLCTR'),
    head=dict(type='mmscm.CDMHead', init_cfg=[]),
)
