"""BGC with VGG16 on ILSVRC at 224 px.

SAT's table: Top-1 Loc 49.94, Top-5 Loc 63.25, GT-Known 68.92.
Only the settings of CUB are released; here they are those.
"""

_base_ = [
    '../_base_/models/bgc_vgg16.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/wsoleval_10e.py',
    '../_base_/default_runtime.py',
]

_aligned = _base_.model.regularizers
_aligned[0].update(sign='label', warm_up=3)
model = dict(regularizers=_aligned)
optim_wrapper = dict(
    optimizer=dict(lr=4e-3),
    paramwise_cfg=dict(
        custom_keys={'head': dict(lr_mult=5), 'head.hidden': dict(lr_mult=1)}
    ),
)
