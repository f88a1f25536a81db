"""Ablation of SCM with DeiT-S on CUB-200-2011: 7 blocks.

Paper, Sec. 4.3 (figure only): GT-Known peaks in between; 4 is the default.
"""

_base_ = '../deit-s_cub.py'

model = dict(neck=dict(num_blocks=7))
