"""GC-Net with VGG16 and upright rectangles on CUB-200-2011 at 224 px."""

_base_ = './vgg16_cub.py'

model = dict(shape='rectangle')
