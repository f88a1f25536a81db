"""ADL with Inception v3 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 61.4 (protocol `wsoleval`).
"""

_base_ = '../cam/inception-v3_imagenet.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.AttentionDropout',
            after=('Mixed_5d', 'Mixed_6e', 'head.hidden.1'),
            drop_rate=0.75,
            drop_thr=0.9,
        )
    ],
    head=dict(dropout=0.0),
)
