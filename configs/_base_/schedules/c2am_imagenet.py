"""ILSVRC, 5 epochs (C2AM)."""

_base_ = './c2am_cub.py'

train_cfg = dict(max_epochs=5)
param_scheduler = dict(end=5)
auto_scale_lr = dict(base_batch_size=256)
