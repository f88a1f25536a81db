"""TS-CAM with ViT-S/16 (768 wide, 8 layers) on CUB-200-2011 at 224 px.

The paper gives no number for this pair in its tables.
"""

_base_ = [
    '../_base_/models/vit-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
