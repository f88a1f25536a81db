"""PSOL with DenseNet-161 on ILSVRC 2012 at 224 px, labels of ResNet-50.

Paper, with its classifier: Top-1 / Top-5 / GT-Known 55.31 / 64.18 / 66.28.
"""

_base_ = [
    '../_base_/models/psol_densenet161.py',
    '../_base_/datasets/imagenet_224_pseudo.py',
    '../_base_/schedules/psol.py',
    '../_base_/default_runtime.py',
    '../_base_/imagenet_classifier.py',
]

model = dict(classifier=_base_.imagenet_classifier)
