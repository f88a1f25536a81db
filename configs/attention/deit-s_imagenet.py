"""Attention of DeiT-S as it is on ILSVRC 2012: public weights, no training.

The mean of the last three layers; all twelve (Eq. 1) localize worse here.
"""

_base_ = [
    '../_base_/models/attention_deit-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/no_training.py',
]

model = dict(backbone=dict(attention_layers=(-3, -2, -1)))
load_from = 'public://timm/deit_small_patch16_224.fb_in1k'
