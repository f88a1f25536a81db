"""I2C with Inception v3 on ILSVRC at 224 px.

BAS's table: Top-1 Loc 53.11, Top-5 Loc 64.13, GT-Known 68.50.
"""

_base_ = [
    '../_base_/models/i2c_inception-v3.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/i2c.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(
    batch_size=80,
    sampler=dict(_delete_=True, type='mmscm.PairedClassSampler'),
)
