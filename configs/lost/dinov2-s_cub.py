"""LOST with DINOv2 ViT-S/14 on CUB-200-2011 at 224 px, no training."""

_base_ = [
    '../_base_/models/keys_dinov2-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/no_training.py',
    '../_base_/box_evaluator.py',
]

model = dict(method=dict(type='lost', num_patches=100))
load_from = 'public://timm/vit_small_patch14_dinov2.lvd142m'
test_evaluator = _base_.box_evaluator
