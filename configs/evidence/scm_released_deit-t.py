"""SCM as the released code sets it, with DeiT-T on ten classes at 224 px.

As scm_released.py, from ImageNet weights: docs/comparison.md.
"""

_base_ = [
    '../scm/deit-t_imagenette.py',
    '../_base_/schedules/released_decay.py',
]

model = dict(neck=dict(num_iters=(16, 4, 4, 4), detach_init=True))

optim_wrapper = dict(
    optimizer=dict(betas=(0.9, 0.999), weight_decay=0.05),
    paramwise_cfg=_base_.released_decay,
)
