"""DA-WSOL with ResNet-50 on OpenImages30k at 224 px.

Its README: PxAP 65.42.
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    regularizers=[
        dict(
            type='mmscm.DomainAlignment',
            alignment_weight=0.2,
            universum_weight=3.0,
        )
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=1)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
