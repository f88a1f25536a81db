"""SPOL's class maps with ResNet-50 on OpenImages30k: stage one of two.

Not published; the settings are those of CUB but for 10 epochs.
"""

_base_ = [
    '../_base_/models/spol_resnet50.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/spol_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100, deep_teacher=True))
train_cfg = dict(max_epochs=10)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
