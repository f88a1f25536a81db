"""CAM with ResNet-50 and a map of 28 x 28 on CUB-200-2011 at 224 px."""

_base_ = './resnet50_cub.py'

model = dict(backbone=dict(strides=(1, 2, 1, 1)))
