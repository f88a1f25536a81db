"""DA-WSOL with ResNet-50 on CUB-200-2011 at 224 px.

Its README: Top-1 Loc 62.40, GT-Known 81.83, MaxBoxAccV2 69.87.
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(
    backbone=dict(strides=(1, 2, 1, 1)),
    regularizers=[
        dict(
            type='mmscm.DomainAlignment',
            alignment_weight=0.3,
            universum_weight=2.0,
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=1)}),
)
param_scheduler = dict(milestones=[29])
