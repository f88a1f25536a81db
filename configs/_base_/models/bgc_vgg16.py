# BGC with VGG16, settings of CUB.
_base_ = './vgg16.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.FeatureAlignment',
            after='features.12',
            drop_prob=0.5,
            drop_weight=3.0,
            norm_weight=0.15,
            bounds=(0.1, 0.6),
        )
    ],
)
