"""PSOL on ILSVRC, 6 epochs (released code)."""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys=dict(regressor=dict(lr_mult=2))),
)

train_cfg = dict(by_epoch=True, max_epochs=6, val_interval=1)
val_cfg = dict()
test_cfg = dict()
param_scheduler = []  # the rate stays

auto_scale_lr = dict(base_batch_size=256)
