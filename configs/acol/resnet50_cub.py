"""ACoL with ResNet-50 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 66.5 (protocol `wsoleval`).
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(
    head=dict(
        type='mmscm.ACoLHead',
        erase_thr=0.7,
        hidden=(1024, 1024),
    ),
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=1)}),
)
