# SPA with Inception v3, a map of 28 x 28; settings of VGG16 on CUB.
_base_ = './inception-v3.py'

model = dict(
    backbone=dict(large_map=True),
    head=dict(
        type='mmscm.SelfCorrelationHead',
        dropout=0.0,
        after=('Mixed_5d', 'Mixed_6e'),
    ),
    regularizers=[
        dict(
            type='mmscm.ActivationConstraint',
            background_thr=0.1,
            gap=0.2,
            warm_up=20,
        )
    ],
)
