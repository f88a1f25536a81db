"""CAM with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = [
    '../_base_/models/resnet-micro.py',
    '../_base_/datasets/toy_112.py',
    '../_base_/schedules/toy.py',
    '../_base_/default_runtime.py',
]
