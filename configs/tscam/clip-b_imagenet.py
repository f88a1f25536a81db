"""TS-CAM with CLIP-B/16 on ILSVRC at 224 px.

Not in the paper.
"""

_base_ = [
    '../_base_/models/clip-base.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/imagenet_20e.py',
    '../_base_/default_runtime.py',
]

data_preprocessor = dict(
    # CLIP's own, RGB
    mean=[122.771, 116.746, 104.094],
    std=[68.5, 66.632, 70.323],
)
