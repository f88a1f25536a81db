"""PSOL with VGG16 on CUB-200-2011 at 224 px: boxes, no labels.

Paper, with its classifier: Top-1 / Top-5 / GT-Known 66.30 / 84.05 / 89.11.
"""

_base_ = [
    '../_base_/models/psol_vgg16.py',
    '../_base_/datasets/cub_224_pseudo.py',
    '../_base_/schedules/psol.py',
    '../_base_/default_runtime.py',
    '../_base_/box_evaluator.py',
]

val_evaluator = test_evaluator = _base_.box_evaluator
# 24 iterations each, where ILSVRC's 6 have 30,000 (chosen here)
train_cfg = dict(max_epochs=50)
