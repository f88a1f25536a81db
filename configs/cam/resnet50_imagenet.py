"""CAM with ResNet-50 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.7 (protocol `wsoleval`).
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/wsoleval_10e.py',
    '../_base_/default_runtime.py',
]

optim_wrapper = dict(
    optimizer=dict(weight_decay=1e-4),
    paramwise_cfg=dict(
        custom_keys={'backbone.layer4': dict(lr_mult=10)},
    ),
)
