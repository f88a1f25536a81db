"""BAS with ResNet-50 on OpenImages30k at 224 px.

The settings are those of CUB.
"""

_base_ = [
    '../_base_/models/bas_resnet50.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/bas_imagenet.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100))
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
