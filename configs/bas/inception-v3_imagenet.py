"""BAS with Inception v3 on ILSVRC at 224 px.

BAS's table: Top-1 Loc 58.51, Top-5 Loc 69.00, GT-Known 71.93.
"""

_base_ = [
    '../_base_/models/bas_inception-v3.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/bas_imagenet.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(area_weight=2.5, masked_weight=1.0))
test_evaluator = [
    *_base_.test_evaluator,
    dict(type='mmscm.LocalizationAccuracy', protocol='pixels', cam_thr=0.3),
]
