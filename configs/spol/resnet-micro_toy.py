"""SPOL's class maps with a narrow ResNet-18 on ToyObjects: stage one."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    backbone=dict(out_indices=(1, 2, 3)),
    head=dict(type='mmscm.MFFHead', in_channels=(64, 128, 256)),
)
