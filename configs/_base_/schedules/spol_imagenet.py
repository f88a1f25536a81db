"""ILSVRC, one epoch (SPOL, stage one)."""

_base_ = './spol_cub.py'

train_cfg = dict(max_epochs=1)
auto_scale_lr = dict(base_batch_size=128)
