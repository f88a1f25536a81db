"""PC1 maps of EfficientNet-Lite0 on ILSVRC 2012: public weights."""

_base_ = './efficientnet-lite0_imagenet.py'

model = dict(localize_with='pc1')
