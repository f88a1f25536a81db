"""DA-WSOL with Inception v3 on ILSVRC at 224 px.

Its README: Top-1 Loc 52.70, GT-Known 69.11, MaxBoxAccV2 64.75.
"""

_base_ = '../cam/inception-v3_imagenet.py'

model = dict(
    backbone=dict(large_map=True),
    regularizers=[
        dict(
            type='mmscm.DomainAlignment',
            alignment_weight=0.1,
            universum_weight=0.3,
        )
    ],
)
