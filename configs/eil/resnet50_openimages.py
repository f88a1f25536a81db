"""EIL with ResNet-50 on OpenImages30k at 224 px.

The paper has no such network; the layer was chosen here.
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    regularizers=[dict(type='mmscm.ErasedTwin', after='layer3', drop_thr=0.7)],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=1)}),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
