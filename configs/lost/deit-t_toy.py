"""LOST with DeiT-T on ToyObjects at 112 px, no training.

DeiT-T has seen labels; self-supervised features suit this method better.
"""

_base_ = [
    '../_base_/models/keys_deit-tiny.py',
    '../_base_/datasets/toy_112.py',
    '../_base_/no_training.py',
    '../_base_/box_evaluator.py',
]

model = dict(method=dict(type='lost', num_patches=100), head=None)
load_from = 'public://timm/deit_tiny_patch16_224.fb_in1k'
test_evaluator = _base_.box_evaluator
