"""DA-WSOL with Inception v3 on OpenImages30k at 224 px.

Its README: PxAP 64.46.
"""

_base_ = '../cam/inception-v3_openimages.py'

model = dict(
    backbone=dict(large_map=True),
    regularizers=[
        dict(
            type='mmscm.DomainAlignment',
            alignment_weight=0.1,
            universum_weight=0.5,
        )
    ],
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
