"""SCM with DeiT-S on CUB-200-2011 as the released code runs it.

Its own setting, chosen on the test set by its own GT-Known (protocol `scm`).
The paper's numbers: GT-Known 96.6, Top-1 Loc 76.4, Top-5 Loc 91.6.
Not listed, because equal: learning rate, schedule, drop path, seed, float32.
"""

_base_ = './deit-s_cub.py'

model = dict(
    neck=dict(num_iters=(16, 4, 4, 4), detach_init=True),
    head=dict(init_cfg=[]),  # PyTorch's initialisation of Conv2d
)

optim_wrapper = dict(
    optimizer=dict(betas=(0.9, 0.999), weight_decay=0.05),
    # timm's rule: no decay of biases, norms and other vectors, of scalars
    # and of what the model names
    paramwise_cfg=dict(
        norm_decay_mult=0.0,
        bias_decay_mult=0.0,
        flat_decay_mult=0.0,
        custom_keys={
            '.lambda_': dict(decay_mult=0.0),
            '.beta': dict(decay_mult=0.0),
            '.cls_token': dict(decay_mult=0.0),
            '.pos_embed': dict(decay_mult=0.0),
        },
    ),
)

train_dataloader = dict(batch_size=16)  # one GPU; its README says 256
auto_scale_lr = dict(base_batch_size=16)

select_on = 'test'
default_hooks = dict(checkpoint=dict(save_best='wsol/gt_known_scm'))
