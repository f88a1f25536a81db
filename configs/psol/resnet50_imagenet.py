"""PSOL with ResNet-50 on ILSVRC 2012 at 224 px, labels of ResNet-50.

Paper, with its classifier: Top-1 / Top-5 / GT-Known 53.98 / 63.08 / 65.44.
"""

_base_ = [
    '../_base_/models/psol_resnet50.py',
    '../_base_/datasets/imagenet_224_pseudo.py',
    '../_base_/schedules/psol.py',
    '../_base_/default_runtime.py',
    '../_base_/imagenet_classifier.py',
]

model = dict(classifier=_base_.imagenet_classifier)
