"""TS-CAM with DINOv2-S/14 with registers on CUB-200-2011 at 224 px.

Not in the paper.
"""

_base_ = [
    '../_base_/models/dinov2-small-reg.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
