"""LCTR with DeiT-S on ILSVRC 2012 at 224 px.

Paper, as SCM's Table 1 has it: Top-1 Loc 56.1, Top-5 Loc 65.8, GT-Known 68.7
(map of the predicted class, threshold 0.18 chosen on the test set).
"""

_base_ = [
    '../_base_/models/deit-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/lctr_80e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(type='mmscm.AttentionLCTR'),
    head=dict(type='mmscm.CDMHead', init_cfg=[]),
)

optim_wrapper = dict(optimizer=dict(lr=5e-4))
train_cfg = dict(max_epochs=14)
param_scheduler = _base_.param_scheduler
param_scheduler[0].start_factor = 0.002
param_scheduler[1].T_max = 9
param_scheduler[1].end = 14
