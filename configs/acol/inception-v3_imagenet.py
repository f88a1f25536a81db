"""ACoL with Inception v3 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.7 (protocol `wsoleval`).
"""

_base_ = '../cam/inception-v3_imagenet.py'

model = dict(
    head=dict(
        type='mmscm.ACoLHead',
        erase_thr=0.7,
        dropout=0.0,
    ),
)
