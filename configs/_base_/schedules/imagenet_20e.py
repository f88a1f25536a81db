"""ILSVRC, 20 epochs (paper, Sec. 4.1)."""

optim_wrapper = dict(
    type='OptimWrapper',
    # All values are the paper's. Differs from the released code, which runs
    # betas (0.9, 0.999) and weight decay 0.05, none on 1-d parameters.
    optimizer=dict(
        type='AdamW',
        lr=1e-6,
        betas=(0.9, 0.99),
        eps=1e-8,
        weight_decay=5e-4,
    ),
)

train_cfg = dict(by_epoch=True, max_epochs=20, val_interval=1)
val_cfg = dict()
test_cfg = dict()

# The paper states no schedule. Released code: x 0.1 before its epochs 10, 12
# and 20, counted from 1.
param_scheduler = dict(
    type='MultiStepLR', by_epoch=True, milestones=[9, 11, 19], gamma=0.1
)

auto_scale_lr = dict(base_batch_size=512)  # paper
