"""SPA with VGG16 on CUB-200-2011 at 224 px.

BAS's table: Top-1 Loc 60.27, Top-5 Loc 72.50, GT-Known 77.29.
"""

_base_ = [
    '../_base_/models/spa_vgg16.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/wsoleval_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
train_dataloader = dict(batch_size=30)
auto_scale_lr = dict(base_batch_size=30)
train_cfg = dict(max_epochs=100)
param_scheduler = dict(milestones=[80])
