"""PSOL with DenseNet-161 on CUB-200-2011 at 224 px: boxes, no labels.

Paper, with its classifier: Top-1 / Top-5 / GT-Known 74.97 / 89.12 / 93.01.
"""

_base_ = [
    '../_base_/models/psol_densenet161.py',
    '../_base_/datasets/cub_224_pseudo.py',
    '../_base_/schedules/psol.py',
    '../_base_/default_runtime.py',
    '../_base_/box_evaluator.py',
]

val_evaluator = test_evaluator = _base_.box_evaluator
# 24 iterations each, where ILSVRC's 6 have 30,000 (chosen here)
train_cfg = dict(max_epochs=50)
