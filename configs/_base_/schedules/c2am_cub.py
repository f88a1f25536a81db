"""CUB-200-2011, 20 epochs (C2AM)."""

# The released code gives SGD no momentum and its head the rate of the rest,
# though it prepares ten times that.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=1e-4, weight_decay=1e-4),
    # the classifier that is not of the paper
    paramwise_cfg=dict(custom_keys={'head.fc': dict(lr_mult=100)}),
)

train_cfg = dict(by_epoch=True, max_epochs=20, val_interval=1)
val_cfg = dict()
test_cfg = dict()

param_scheduler = dict(
    type='PolyLR', power=0.9, end=20, by_epoch=True, convert_to_iter_based=True
)

auto_scale_lr = dict(base_batch_size=16)
