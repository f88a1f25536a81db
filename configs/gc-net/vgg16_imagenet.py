"""GC-Net with VGG16 and ellipses on ILSVRC at 224 px, labels of ResNet-50.

Not in the paper, which has GoogLeNet; settings are those of CUB.
"""

_base_ = [
    '../_base_/models/psol_vgg16.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/gc-net.py',
    '../_base_/default_runtime.py',
    '../_base_/imagenet_classifier.py',
]

model = dict(
    type='mmscm.GeometryLocalizer', classifier=_base_.imagenet_classifier
)
