"""CAM of torchvision's ResNet-50 on ILSVRC 2012: public weights, 7 x 7 maps.

The weights are downloaded at first use.
"""

_base_ = [
    '../_base_/datasets/imagenet_224.py',
    '../_base_/no_training.py',
]

model = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(type='ResNet', depth=50, out_indices=(3,)),
    head=dict(type='mmscm.CAMHead', num_classes=1000, in_channels=2048),
)
load_from = 'public://torchvision/resnet50'
