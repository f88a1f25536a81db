"""DA-WSOL with Inception v3 on CUB-200-2011 at 224 px.

Its README: Top-1 Loc 65.94, GT-Known 80.03, MaxBoxAccV2 68.01.
"""

_base_ = '../cam/inception-v3_cub.py'

model = dict(
    backbone=dict(large_map=True),
    regularizers=[
        dict(
            type='mmscm.DomainAlignment',
            alignment_weight=1.4,
            universum_weight=4.0,
        )
    ],
)
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = dict(milestones=[29])
