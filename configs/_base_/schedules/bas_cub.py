"""CUB-200-2011, 100 epochs (BAS)."""

_base_ = './wsoleval_cub.py'

# Released code also learns biases twice as fast; here those of the backbone.
optim_wrapper = dict(
    optimizer=dict(lr=1e-3, weight_decay=5e-4),
    paramwise_cfg=dict(bias_lr_mult=2),
)

train_cfg = dict(max_epochs=100)
param_scheduler = dict(milestones=[80])
