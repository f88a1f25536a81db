"""ADL with Inception v3 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 56.8.
"""

_base_ = '../cam/inception-v3_openimages.py'

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
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
