# I2C with Inception v3, a map of 28 x 28; weights of ILSVRC.
_base_ = './inception-v3.py'

model = dict(
    backbone=dict(large_map=True),
    head=dict(pre_pool=True),
    regularizers=[dict(type='mmscm.InterImage')],
)
