"""Ablation of SCM with DeiT-S on CUB-200-2011: without residual.

The paper's formula S' = S o u and F' = u; the released code adds S and F.
"""

_base_ = '../deit-s_cub.py'

model = dict(neck=dict(with_residual=False))
