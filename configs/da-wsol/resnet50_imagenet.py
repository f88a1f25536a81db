"""DA-WSOL with ResNet-50 on ILSVRC at 224 px.

Its README: Top-1 Loc 43.26, GT-Known 70.27, MaxBoxAccV2 68.23.
"""

_base_ = '../cam/resnet50_imagenet.py'

model = dict(
    backbone=dict(strides=(1, 2, 1, 1)),
    regularizers=[
        dict(
            type='mmscm.DomainAlignment',
            alignment_weight=0.3,
            universum_weight=3.0,
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-5),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=1)}),
)
