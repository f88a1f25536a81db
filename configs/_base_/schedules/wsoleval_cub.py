"""CUB-200-2011, 50 epochs (wsolevaluation).

Its rates were searched for each network; leaves say those that are known.
"""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='SGD',
        lr=1e-3,  # ACoL's and SPG's, where the searched rate is not known
        momentum=0.9,
        nesterov=True,
        weight_decay=5e-4,
    ),
    paramwise_cfg=dict(custom_keys=dict(head=dict(lr_mult=10))),
)

train_cfg = dict(by_epoch=True, max_epochs=50, val_interval=1)
val_cfg = dict()
test_cfg = dict()

# x 0.1 before its epochs 15, 30 and 45, counted from 1
param_scheduler = dict(
    type='MultiStepLR', by_epoch=True, milestones=[14, 29, 44], gamma=0.1
)

auto_scale_lr = dict(base_batch_size=32)
