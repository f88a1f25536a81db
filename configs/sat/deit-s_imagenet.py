"""SAT with DeiT-S on ILSVRC 2012 at 224 px.

Paper: Top-1 Loc 60.15, Top-5 Loc 70.52, GT-Known 73.13 (protocol as for CUB).
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/sat_30e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(type='mmscm.AttentionSAT'),
    localize_with='attention',
    regularizers=[dict(type='mmscm.AreaConstraint', area=0.35)],
)

optim_wrapper = dict(optimizer=dict(lr=1.5e-5))
train_cfg = dict(max_epochs=5)
auto_scale_lr = dict(base_batch_size=512)
