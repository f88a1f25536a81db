"""TriLite's released training: a constant rate and early stopping.

Differs from the released code: it stops when neither GT-Known nor Top-1 Cls
improved for ten epochs, here when GT-Known did not. The best checkpoint of
each is kept; tools/model_converters/merge_branches.py joins them.
"""

_base_ = '../default_runtime.py'

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=5e-5, weight_decay=0.01),
    paramwise_cfg=dict(custom_keys={'head.class_fc': dict(lr_mult=10.0)}),
)
train_cfg = dict(by_epoch=True, max_epochs=200, val_interval=1)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=128)
default_hooks = dict(
    checkpoint=dict(save_best=['wsol/gt_known', 'wsol/top1_cls']),
)
custom_hooks = [
    dict(
        type='EarlyStoppingHook',
        monitor='wsol/gt_known',
        rule='greater',
        patience=10,
    ),
]
