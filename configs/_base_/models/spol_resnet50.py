# SPOL, stage one, with ResNet-50: the last three stages, 28 x 28 at 224 px.
_base_ = './resnet50.py'

model = dict(
    backbone=dict(strides=(1, 2, 2, 2), out_indices=(1, 2, 3)),
    head=dict(type='mmscm.MFFHead', in_channels=(512, 1024, 2048)),
)
