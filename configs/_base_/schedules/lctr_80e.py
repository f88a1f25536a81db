"""LCTR's released training on CUB: DeiT's recipe, 80 epochs."""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=5e-5, weight_decay=0.05),
)
train_cfg = dict(by_epoch=True, max_epochs=80, val_interval=1)
val_cfg = dict()
test_cfg = dict()
param_scheduler = [
    # 5 epochs from 1e-6
    dict(
        type='LinearLR',
        start_factor=0.02,
        end=5,
        convert_to_iter_based=True,
    ),
    dict(
        type='CosineAnnealingLR',
        T_max=75,
        begin=5,
        end=80,
        eta_min=1e-5,
        convert_to_iter_based=True,
    ),
]
auto_scale_lr = dict(base_batch_size=512)
