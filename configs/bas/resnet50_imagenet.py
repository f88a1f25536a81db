"""BAS with ResNet-50 on ILSVRC at 224 px.

BAS's table: Top-1 Loc 57.18, Top-5 Loc 68.44, GT-Known 71.77.
"""

_base_ = [
    '../_base_/models/bas_resnet50.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/bas_imagenet.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(area_weight=2.0, masked_weight=1.0))
test_evaluator = [
    *_base_.test_evaluator,
    dict(type='mmscm.LocalizationAccuracy', protocol='pixels', cam_thr=0.45),
]
