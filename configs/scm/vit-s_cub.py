"""SCM with ViT-S/16 (768 wide, 8 layers) on CUB-200-2011 at 224 px.

Paper, Sec. 4.3: GT-Known 91.8. Its GT-Known scores the map of the predicted
class (protocol `scm`).
"""

_base_ = [
    '../_base_/models/vit-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=dict(type='mmscm.SCM'),
    head=dict(num_classes=200),
)
