"""Attention of DeiT-S as it is on ILSVRC 2012: public weights, no training.

The map is the mean of the last three layers; Eq. 1 takes all.
"""

_base_ = [
    '../_base_/models/attention_deit-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/no_training.py',
]

model = dict(backbone=dict(attention_layers=(-3, -2, -1)))
load_from = 'public://timm/deit_small_patch16_224.fb_in1k'
