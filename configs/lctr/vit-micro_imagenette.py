"""LCTR with vit-micro on ten ImageNet classes at 112 px."""

_base_ = '../tscam/vit-micro_imagenette.py'

model = dict(
    backbone=dict(type='mmscm.AttentionLCTR'),
    head=dict(type='mmscm.CDMHead', init_cfg=[]),
)
