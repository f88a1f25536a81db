"""EIL with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    regularizers=[dict(type='mmscm.ErasedTwin', after='layer3', drop_thr=0.7)],
)
