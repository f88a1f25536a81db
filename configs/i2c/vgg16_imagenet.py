"""I2C with VGG16 on ILSVRC at 224 px.

BAS's table: Top-1 Loc 47.41, Top-5 Loc 58.51, GT-Known 63.90.
"""

_base_ = [
    '../_base_/models/i2c_vgg16.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/i2c.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(
    batch_size=80,
    sampler=dict(_delete_=True, type='mmscm.PairedClassSampler'),
)
