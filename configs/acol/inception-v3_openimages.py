"""ACoL with Inception v3 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 57.2.
"""

_base_ = '../cam/inception-v3_openimages.py'

model = dict(
    head=dict(
        type='mmscm.ACoLHead',
        erase_thr=0.7,
        dropout=0.0,
    ),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
