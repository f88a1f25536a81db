"""ACoL with Inception v3 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 56.2 (protocol `wsoleval`).
"""

_base_ = '../cam/inception-v3_cub.py'

model = dict(
    head=dict(
        type='mmscm.ACoLHead',
        erase_thr=0.7,
        dropout=0.0,
    ),
)
