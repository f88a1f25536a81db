"""TokenCut with DeiT-T on ILSVRC 2012 at 224 px, no training.

DeiT-T has seen labels; self-supervised features suit this method better.
"""

_base_ = [
    '../_base_/models/keys_deit-tiny.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/no_training.py',
]

model = dict(method=dict(type='token_cut', tau=0.05))
load_from = 'public://timm/deit_tiny_patch16_224.fb_in1k'
