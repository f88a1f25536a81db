"""Ablation of SCM with DeiT-S on CUB-200-2011: without semantic similarity.

lambda is fixed at 0: activation spreads to all neighbours alike.
"""

_base_ = '../deit-s_cub.py'

model = dict(neck=dict(init_lambda=0.0, learn_lambda=False))
