"""SPA with VGG16 on ILSVRC at 224 px.

BAS's table: Top-1 Loc 49.56, Top-5 Loc 61.32, GT-Known 65.05.
"""

_base_ = [
    '../_base_/models/spa_vgg16.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/wsoleval_cub.py',
    '../_base_/default_runtime.py',
]

_constraint = _base_.model.regularizers
_constraint[0].update(background_thr=0.4, gap=0.1, warm_up=5)
model = dict(
    head=dict(first_thr=0.2, second_thr=0.2, second_weight=1.0),
    regularizers=_constraint,
)
train_cfg = dict(max_epochs=20)
param_scheduler = dict(milestones=[10, 15])
auto_scale_lr = dict(base_batch_size=128)
