"""BAS with Inception v3 on CUB-200-2011 at 224 px.

BAS's table: Top-1 Loc 73.29, Top-5 Loc 86.31, GT-Known 92.24.
"""

_base_ = [
    '../_base_/models/bas_inception-v3.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/bas_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200, top_k=200))
test_evaluator = [
    *_base_.test_evaluator,
    dict(type='mmscm.LocalizationAccuracy', protocol='pixels', cam_thr=0.1),
]
