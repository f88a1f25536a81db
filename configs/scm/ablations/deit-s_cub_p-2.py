"""Ablation of SCM with DeiT-S on CUB-200-2011: p = 2.

Paper, appendix A.1 (figure only): p = 4 exceeds the others by 5 % GT-Known.
"""

_base_ = '../deit-s_cub.py'

model = dict(neck=dict(num_iters=2))
