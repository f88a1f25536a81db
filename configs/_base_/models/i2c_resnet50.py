# I2C with ResNet-50, a map of 28 x 28; weights of ILSVRC.
_base_ = './resnet50.py'

model = dict(
    backbone=dict(strides=(1, 2, 1, 1)),
    head=dict(pre_pool=True),
    regularizers=[dict(type='mmscm.InterImage')],
)
