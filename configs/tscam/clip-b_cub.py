"""TS-CAM with CLIP-B/16 on CUB-200-2011 at 224 px.

Not in the paper.
"""

_base_ = [
    '../_base_/models/clip-base.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))

data_preprocessor = dict(
    # CLIP's own, RGB
    mean=[122.771, 116.746, 104.094],
    std=[68.5, 66.632, 70.323],
)
