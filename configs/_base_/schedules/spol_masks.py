"""Two epochs, the backbone as fast as the head (SPOL, stage two)."""

_base_ = './spol_cub.py'

optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=1.0)))
)
train_cfg = dict(max_epochs=2)
auto_scale_lr = dict(base_batch_size=128)
