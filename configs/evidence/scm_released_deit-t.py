"""SCM as the released code sets it, with DeiT-T on ten classes at 224 px.

As scm_released.py, from ImageNet weights: docs/comparison.md.
"""

_base_ = [
    '../_base_/models/deit-tiny.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/schedules/released_decay.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=dict(type='mmscm.SCM', num_iters=(16, 4, 4, 4), detach_init=True),
    head=dict(num_classes=10),
)
optim_wrapper = dict(
    optimizer=dict(lr=5e-5, betas=(0.9, 0.999), weight_decay=0.05),
    paramwise_cfg=_base_.released_decay,
)
