"""I2C with ResNet-50 on OpenImages30k at 224 px.

Not published; the settings are those of ILSVRC.
"""

_base_ = [
    '../_base_/models/i2c_resnet50.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/i2c.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100))
train_dataloader = dict(
    batch_size=80,
    sampler=dict(_delete_=True, type='mmscm.PairedClassSampler'),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
