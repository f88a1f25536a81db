"""EIL with Inception v3 on OpenImages30k at 224 px.

The layer was chosen here.
"""

_base_ = '../cam/inception-v3_openimages.py'

model = dict(
    regularizers=[
        dict(type='mmscm.ErasedTwin', after='Mixed_6c', drop_thr=0.7)
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys={'head.hidden': dict(lr_mult=1)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
