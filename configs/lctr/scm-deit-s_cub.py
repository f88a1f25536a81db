"""SCM with DeiT-S on CUB-200-2011, LCTR's relational attention at test.

Trains as scm/deit-s_cub.py and takes its checkpoints: there is no parameter.
"""

_base_ = '../scm/deit-s_cub.py'

model = dict(backbone=dict(relation=True))
