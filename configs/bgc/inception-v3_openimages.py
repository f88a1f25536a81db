"""BGC with Inception v3 on OpenImages30k at 224 px.

Not in the paper: settings of ResNet-50, the layer chosen here.
"""

_base_ = '../cam/inception-v3_openimages.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.FeatureAlignment',
            after='Mixed_6d',
            sign='label',
            warm_up=3,
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=2e-3),
    paramwise_cfg=dict(custom_keys={'head.hidden': dict(lr_mult=1)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
