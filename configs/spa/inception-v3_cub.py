"""SPA with Inception v3 on CUB-200-2011 at 224 px.

BAS's table: Top-1 Loc 53.59, Top-5 Loc 66.50, GT-Known 72.14.
Its training is not released; settings are those of VGG16.
"""

_base_ = [
    '../_base_/models/spa_inception-v3.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/wsoleval_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
train_dataloader = dict(batch_size=30)
auto_scale_lr = dict(base_batch_size=30)
train_cfg = dict(max_epochs=100)
param_scheduler = dict(milestones=[80])
