"""ADL with VGG16 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 58.7.
"""

_base_ = '../cam/vgg16_openimages.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.AttentionDropout',
            after=('features.9', 'features.12', 'features.16'),
            drop_rate=0.75,
            drop_thr=0.9,
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
