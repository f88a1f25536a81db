"""EIL with ResNet-50 on ILSVRC at 224 px.

The paper has no such network; the layer was chosen here.
"""

_base_ = '../cam/resnet50_imagenet.py'

model = dict(
    regularizers=[dict(type='mmscm.ErasedTwin', after='layer3', drop_thr=0.7)],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=1)}),
)
param_scheduler = dict(milestones=[4, 7])
