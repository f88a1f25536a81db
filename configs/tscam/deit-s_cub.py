"""TS-CAM with DeiT-S on CUB-200-2011 at 224 px.

Paper (TS-CAM row): Top-1 Loc 71.3, Top-5 Loc 83.8, GT-Known 87.7 (protocol
`tscam`: map of the true class, threshold 0.1).
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
