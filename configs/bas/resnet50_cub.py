"""BAS with ResNet-50 on CUB-200-2011 at 224 px.

BAS's table: Top-1 Loc 77.25, Top-5 Loc 90.08, GT-Known 95.13.
"""

_base_ = [
    '../_base_/models/bas_resnet50.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/bas_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200, top_k=200))
test_evaluator = [
    *_base_.test_evaluator,
    dict(type='mmscm.LocalizationAccuracy', protocol='pixels', cam_thr=0.15),
]
