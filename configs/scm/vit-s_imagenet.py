"""SCM with ViT-S/16 (768 wide, 8 layers) on ILSVRC at 224 px.

The paper gives no number for this pair in its tables.
"""

_base_ = [
    '../_base_/models/vit-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/imagenet_20e.py',
    '../_base_/default_runtime.py',
]

model = dict(neck=dict(type='mmscm.SCM'))
