# I2C with VGG16, a map of 28 x 28; weights of ILSVRC.
_base_ = './vgg16.py'

model = dict(
    backbone=dict(pools=((3, 2), (3, 2), (3, 2), (3, 1), (3, 1))),
    head=dict(hidden=(1024, 1024), pre_pool=True, dropout=0.5),
    regularizers=[dict(type='mmscm.InterImage')],
)
