"""HaS with Inception v3 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 58.1.
"""

_base_ = '../cam/inception-v3_openimages.py'

model = dict(
    regularizers=[dict(type='mmscm.HideAndSeek', grid_size=44, drop_rate=0.5)],
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
