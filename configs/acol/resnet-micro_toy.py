"""ACoL with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    head=dict(type='mmscm.ACoLHead', erase_thr=0.7, hidden=(128,)),
)
