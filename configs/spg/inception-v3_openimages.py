"""SPG with Inception v3 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 62.3.
"""

_base_ = '../cam/inception-v3_openimages.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.SelfProducedGuidance',
            early='maxpool3',
            middle='Mixed_6d',
            in_channels=(288, 768, 1024),
        )
    ],
)
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'regularizers': dict(lr_mult=10)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
