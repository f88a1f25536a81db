"""SCM with DeiT-S on CUB-200-2011 as the released code runs it.

Its own setting, chosen on the test set by its own GT-Known (protocol `scm`).
The paper's numbers: GT-Known 96.6, Top-1 Loc 76.4, Top-5 Loc 91.6.
Not listed, because equal: learning rate, schedule, drop path, seed, float32.
"""

_base_ = ['./deit-s_cub.py', '../_base_/schedules/released_decay.py']

model = dict(
    neck=dict(num_iters=(16, 4, 4, 4), detach_init=True),
    head=dict(init_cfg=[]),  # PyTorch's initialisation of Conv2d
)

optim_wrapper = dict(
    optimizer=dict(betas=(0.9, 0.999), weight_decay=0.05),
    paramwise_cfg=_base_.released_decay,
)

train_dataloader = dict(batch_size=16)  # one GPU; its README says 256
auto_scale_lr = dict(base_batch_size=16)

val_dataloader = dict(_delete_=True, **_base_.test_dataloader)
val_evaluator = _base_.test_evaluator
default_hooks = dict(
    checkpoint=dict(save_best='wsol/gt_known_scm'),
    store_thresholds=dict(split='test'),
)
