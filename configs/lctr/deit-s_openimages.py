"""LCTR with DeiT-S on OpenImages30k at 224 px; settings chosen here."""

_base_ = '../tscam/deit-s_openimages.py'

model = dict(
    backbone=dict(type='mmscm.AttentionLCTR'),
    head=dict(type='mmscm.CDMHead', init_cfg=[]),
)
