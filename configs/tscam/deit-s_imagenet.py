"""TS-CAM with DeiT-S on ILSVRC at 224 px.

Paper (TS-CAM row): Top-1 Loc 53.4, Top-5 Loc 64.3, GT-Known 67.6 (protocol
`tscam`: map of the true class, threshold 0.12).
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/imagenet_20e.py',
    '../_base_/default_runtime.py',
]
