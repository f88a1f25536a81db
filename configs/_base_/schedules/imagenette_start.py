"""Training the start of docs/evidence_micro.md in 8 epochs (chosen here)."""

_base_ = './imagenette.py'

optim_wrapper = dict(optimizer=dict(lr=1e-3, weight_decay=0.05))
train_cfg = dict(max_epochs=8)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, end=200),
    dict(
        type='CosineAnnealingLR',
        by_epoch=True,
        T_max=8,
        convert_to_iter_based=True,
    ),
]
