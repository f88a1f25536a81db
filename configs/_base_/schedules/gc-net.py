"""GC-Net's released training of CUB, 30 epochs.

Differs from the released code: there each of the last ten epochs takes 0.9,
0.8, ... of the rate of the one before, here they go down to 0 in a line.
"""

_new = dict(lr_mult=10)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-4),
    paramwise_cfg=dict(
        bias_lr_mult=2, custom_keys=dict(regressor=_new, slope=_new)
    ),
)
train_cfg = dict(by_epoch=True, max_epochs=30, val_interval=1)
val_cfg = dict()
test_cfg = dict()
param_scheduler = dict(
    type='LinearLR', start_factor=1.0, end_factor=0.0, begin=20, end=30
)
auto_scale_lr = dict(base_batch_size=32)
