"""EIL with ResNet-50 on CUB-200-2011 at 224 px.

The paper has no such network; the layer was chosen here.
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(
    regularizers=[dict(type='mmscm.ErasedTwin', after='layer3', drop_thr=0.7)],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=1)}),
)
train_dataloader = dict(batch_size=64)
auto_scale_lr = dict(base_batch_size=64)
train_cfg = dict(max_epochs=80)
param_scheduler = dict(milestones=[60])
