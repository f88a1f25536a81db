"""SAT's released training: AdamW at a constant rate.

The released code computes a cosine schedule and does not apply it.
"""

_no_decay = dict(decay_mult=0.0)

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-4, weight_decay=0.05),
    paramwise_cfg=dict(
        norm_decay_mult=0.0,
        bias_decay_mult=0.0,
        custom_keys={
            '.cls_token': _no_decay,
            '.pos_embed': _no_decay,
            '.spatial_token': _no_decay,
            '.spatial_pos_embed': _no_decay,
        },
    ),
)
train_cfg = dict(by_epoch=True, max_epochs=30, val_interval=1)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=256)
