"""HaS with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    regularizers=[dict(type='mmscm.HideAndSeek', grid_size=22, drop_rate=0.5)],
)
