"""TS-CAM with DeiT-S on OpenImages30k at 224 px; settings chosen here.

The paper has no result on this data set.
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/cub_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100))
train_cfg = dict(max_epochs=10)  # as the CNN rows
param_scheduler = dict(milestones=[9])
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
