"""ILSVRC, 5 epochs (I2C).

The released trainings start from CAM's, which is the leaf's `load_from`.
"""

_base_ = './wsoleval_cub.py'

auto_scale_lr = dict(base_batch_size=80)
train_cfg = dict(max_epochs=5)
param_scheduler = dict(milestones=[2, 3, 4])
