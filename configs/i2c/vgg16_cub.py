"""I2C with VGG16 on CUB-200-2011 at 224 px.

No figure of its own: tables repeat those of Inception v3.
"""

_base_ = [
    '../_base_/models/i2c_vgg16.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/i2c.py',
    '../_base_/default_runtime.py',
]

model = dict(
    head=dict(num_classes=200),
    regularizers=[dict(type='mmscm.InterImage', global_weight=0.003)],
)
train_dataloader = dict(
    batch_size=80,
    sampler=dict(_delete_=True, type='mmscm.PairedClassSampler'),
)
train_cfg = dict(max_epochs=51)
param_scheduler = dict(milestones=[30, 40])
