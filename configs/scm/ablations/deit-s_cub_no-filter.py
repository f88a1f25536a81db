"""Ablation of SCM with DeiT-S on CUB-200-2011: without filter.

Eq. 7 left out: the update is the diffused map, scaled to [0, 1].
"""

_base_ = '../deit-s_cub.py'

model = dict(neck=dict(with_filter=False))
