"""CAM with ResNet-50 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.0 (protocol `wsoleval`).
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/wsoleval_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
optim_wrapper = dict(
    optimizer=dict(lr=2e-4, weight_decay=1e-4),
    paramwise_cfg=dict(
        custom_keys={'backbone.layer4': dict(lr_mult=10)},
    ),
)
