"""BGC with Inception v3 on CUB-200-2011 at 224 px.

Not in the paper: settings of ResNet-50, the layer chosen here.
"""

_base_ = '../cam/inception-v3_cub.py'

model = dict(
    regularizers=[dict(type='mmscm.FeatureAlignment', after='Mixed_6d')],
)
optim_wrapper = dict(
    optimizer=dict(lr=2e-3),
    paramwise_cfg=dict(custom_keys={'head.hidden': dict(lr_mult=1)}),
)
train_cfg = dict(max_epochs=70)
param_scheduler = dict(milestones=[40, 60], gamma=0.2)
