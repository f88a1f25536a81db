"""SCM and HaS together on ToyObjects at 112 px."""

_base_ = '../scm/vit-micro_toy.py'

model = dict(
    regularizers=[dict(type='mmscm.HideAndSeek', grid_size=22, drop_rate=0.5)],
)
