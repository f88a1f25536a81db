"""Ablation of SCM with DeiT-S on CUB-200-2011: S^4 and F^4 as the prediction.

Appendix A.2: test a checkpoint of ../deit-s_cub.py with any pair, for example
--cfg-options model.test_blocks.semantic=2 model.test_blocks.attention=3.
"""

_base_ = '../deit-s_cub.py'

model = dict(test_blocks=dict(logits=0, semantic=4, attention=4))
