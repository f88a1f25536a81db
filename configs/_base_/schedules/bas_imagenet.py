"""ILSVRC, 9 epochs (BAS)."""

_base_ = './bas_cub.py'

train_cfg = dict(max_epochs=9)
param_scheduler = dict(milestones=[3, 6])
auto_scale_lr = dict(base_batch_size=128)
