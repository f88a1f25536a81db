"""EIL with VGG16 on OpenImages30k at 224 px."""

_base_ = '../cam/vgg16_openimages.py'

model = dict(
    regularizers=[
        dict(type='mmscm.ErasedTwin', after='features.13', drop_thr=0.7)
    ],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys={'head.hidden': dict(lr_mult=1)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
