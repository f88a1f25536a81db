"""LCTR with vit-micro on rendered ToyObjects at 112 px."""

_base_ = '../tscam/vit-micro_toy.py'

model = dict(
    backbone=dict(type='mmscm.AttentionLCTR'),
    head=dict(type='mmscm.CDMHead', init_cfg=[]),
)
