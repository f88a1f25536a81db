"""HaS with ResNet-50 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 55.9.
Rate and strength are those that DA-WSOL's scripts run.
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    regularizers=[
        dict(type='mmscm.HideAndSeek', grid_size=111, drop_rate=0.19)
    ],
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
