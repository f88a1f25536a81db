"""SCM with Conformer-S on CUB-200-2011 as the released code tests it.

Paper, Sec. 4.3: GT-Known 96.1. The neck stays for the logits at test and is
dropped from the map; the paper drops it from both (conformer-s_cub.py).
"""

_base_ = './conformer-s_cub.py'

model = dict(test_blocks=dict(logits=4, semantic=0, attention=0))
