"""SPA with VGG16 on OpenImages30k at 224 px.

Not published; the settings are those of CUB but for 10 epochs.
"""

_base_ = [
    '../_base_/models/spa_vgg16.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/wsoleval_10e.py',
    '../_base_/default_runtime.py',
]

_constraint = _base_.model.regularizers
_constraint[0].update(warm_up=2)  # a fifth of the epochs, as on CUB
model = dict(head=dict(num_classes=100), regularizers=_constraint)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
