"""ADL with ResNet-50 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 55.2.
Rate and strength are those that DA-WSOL's scripts run.
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.AttentionDropout',
            after=('layer3.0', 'layer4.0', 'layer4.2'),
            drop_rate=0.59,
            drop_thr=0.99,
        )
    ],
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
