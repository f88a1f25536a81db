"""PSOL with VGG16 on ILSVRC 2012 at 224 px, labels of ResNet-50.

Paper, with its classifier: Top-1 / Top-5 / GT-Known 50.89 / 60.90 / 64.03.
"""

_base_ = [
    '../_base_/models/psol_vgg16.py',
    '../_base_/datasets/imagenet_224_pseudo.py',
    '../_base_/schedules/psol.py',
    '../_base_/default_runtime.py',
    '../_base_/imagenet_classifier.py',
]

model = dict(classifier=_base_.imagenet_classifier)
