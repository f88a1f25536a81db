"""ACoL with ResNet-50 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 62.3 (protocol `wsoleval`).
"""

_base_ = '../cam/resnet50_imagenet.py'

model = dict(
    head=dict(
        type='mmscm.ACoLHead',
        erase_thr=0.7,
        hidden=(1024, 1024),
    ),
)
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=1)}),
)
