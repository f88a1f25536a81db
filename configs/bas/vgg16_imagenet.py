"""BAS with VGG16 on ILSVRC at 224 px.

BAS's table: Top-1 Loc 52.96, Top-5 Loc 65.41, GT-Known 69.64.
"""

_base_ = [
    '../_base_/models/bas_vgg16.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/bas_imagenet.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(area_weight=1.0, masked_weight=0.05))
test_evaluator = [
    *_base_.test_evaluator,
    dict(type='mmscm.LocalizationAccuracy', protocol='pixels', cam_thr=0.5),
]
