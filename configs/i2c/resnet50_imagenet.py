"""I2C with ResNet-50 on ILSVRC at 224 px.

BAS's table: Top-1 Loc 51.83, Top-5 Loc 64.60, GT-Known 68.50.
"""

_base_ = [
    '../_base_/models/i2c_resnet50.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/i2c.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(
    batch_size=80,
    sampler=dict(_delete_=True, type='mmscm.PairedClassSampler'),
)
