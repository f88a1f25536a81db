"""CAM with VGG16 and a map of 28 x 28 on CUB-200-2011 at 224 px."""

_base_ = './vgg16_cub.py'

_pool = (2, 2)
model = dict(backbone=dict(pools=(_pool, _pool, _pool, None, None)))
