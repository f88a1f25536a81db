"""SCM as the released code sets it, on ten ImageNet classes at 112 px.

Sixteen steps in the first block and its AdamW, without its test-set choice of
the checkpoint: configs/scm/deit-s_cub_released.py, docs/evidence_micro.md.
"""

_base_ = [
    '../scm/vit-micro_imagenette.py',
    '../_base_/schedules/released_decay.py',
]

model = dict(neck=dict(num_iters=(16, 4, 4, 4), detach_init=True))

optim_wrapper = dict(
    optimizer=dict(betas=(0.9, 0.999), weight_decay=0.05),
    paramwise_cfg=_base_.released_decay,
)
