"""CAM with ResNet-50 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 58.5.
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/wsoleval_10e.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100))
optim_wrapper = dict(
    optimizer=dict(weight_decay=1e-4),
    paramwise_cfg=dict(
        custom_keys={'backbone.layer4': dict(lr_mult=10)},
    ),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
