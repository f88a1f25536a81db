"""BGC with VGG16 on OpenImages30k at 224 px.

The settings are those of CUB.
"""

_base_ = [
    '../_base_/models/bgc_vgg16.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/wsoleval_10e.py',
    '../_base_/default_runtime.py',
]

_aligned = _base_.model.regularizers
_aligned[0].update(sign='label', warm_up=3)
model = dict(head=dict(num_classes=100), regularizers=_aligned)
optim_wrapper = dict(
    optimizer=dict(lr=4e-3),
    paramwise_cfg=dict(
        custom_keys={'head': dict(lr_mult=5), 'head.hidden': dict(lr_mult=1)}
    ),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
