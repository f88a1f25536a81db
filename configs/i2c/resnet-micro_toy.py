"""I2C with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(regularizers=[dict(type='mmscm.InterImage')])
train_dataloader = dict(
    sampler=dict(_delete_=True, type='mmscm.PairedClassSampler')
)
