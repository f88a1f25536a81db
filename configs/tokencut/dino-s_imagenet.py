"""TokenCut with DINO ViT-S/16 on ILSVRC 2012 at 224 px, no training."""

_base_ = [
    '../_base_/models/keys_dino-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/no_training.py',
    '../_base_/box_evaluator.py',
]

model = dict(method=dict(type='token_cut', tau=0.05))
load_from = 'public://timm/vit_small_patch16_224.dino'
test_evaluator = _base_.box_evaluator
