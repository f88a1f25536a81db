"""TokenCut with DINO ViT-S/16 on CUB-200-2011 at 224 px, no training.

Paper: GT-Known 91.4, Top-1 Loc 72.3 (features fine-tuned on CUB, images at
their own size).
"""

_base_ = [
    '../_base_/models/keys_dino-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/no_training.py',
    '../_base_/box_evaluator.py',
]

model = dict(method=dict(type='token_cut', tau=0.05))
load_from = 'public://timm/vit_small_patch16_224.dino'
test_evaluator = _base_.box_evaluator
