"""TS-CAM with DeiT-S on CUB-200-2011, LCTR's relational attention at test.

Trains as tscam/deit-s_cub.py and takes its checkpoints: there is no parameter.
"""

_base_ = '../tscam/deit-s_cub.py'

model = dict(backbone=dict(relation=True))
