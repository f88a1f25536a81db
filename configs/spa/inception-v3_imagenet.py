"""SPA with Inception v3 on ILSVRC at 224 px.

BAS's table: Top-1 Loc 52.73, Top-5 Loc 64.27, GT-Known 68.33.
Its training is not released; settings are those of VGG16.
"""

_base_ = [
    '../_base_/models/spa_inception-v3.py',
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
