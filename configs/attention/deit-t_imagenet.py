"""Attention of DeiT-T as it is on ILSVRC 2012.

The map is the mean of the last three layers.
"""

_base_ = './deit-s_imagenet.py'

model = dict(
    backbone=dict(model_name='deit_tiny_patch16_224.fb_in1k'),
    head=dict(in_channels=192),
)
load_from = 'public://timm/deit_tiny_patch16_224.fb_in1k'
