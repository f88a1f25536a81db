# SPA with VGG16: ACoL's width of the head, settings of CUB.
_base_ = './vgg16.py'

model = dict(
    head=dict(
        type='mmscm.SelfCorrelationHead',
        hidden=(1024, 1024),
        after=('features.13', 'features.16'),
    ),
    regularizers=[
        dict(
            type='mmscm.ActivationConstraint',
            background_thr=0.1,  # 0.2 in another commit of its script
            gap=0.2,
            warm_up=20,
        )
    ],
)
