"""BGC with ResNet-50 on CUB-200-2011 at 224 px.

SAT's table: Top-1 Loc 73.16, Top-5 Loc 86.68, GT-Known 91.60.
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(
    backbone=dict(strides=(1, 2, 1, 1)),
    regularizers=[dict(type='mmscm.FeatureAlignment', after='layer4.0')],
)
optim_wrapper = dict(
    optimizer=dict(lr=2e-3),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=1)}),
)
train_cfg = dict(max_epochs=70)
param_scheduler = dict(milestones=[40, 60], gamma=0.2)
