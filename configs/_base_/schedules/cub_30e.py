"""CUB-200-2011, 30 epochs (paper, Sec. 4.1)."""

optim_wrapper = dict(
    type='OptimWrapper',
    # All values are the paper's. Differs from the released code, which runs
    # betas (0.9, 0.999) and weight decay 0.05, none on 1-d parameters. Here
    # all parameters decay, by 2e-5 of their size in the whole training.
    optimizer=dict(
        type='AdamW',
        lr=5e-5,
        betas=(0.9, 0.99),
        eps=1e-8,
        weight_decay=5e-4,
    ),
)

# 5994 images / 256 = 24 iterations an epoch
train_cfg = dict(by_epoch=True, max_epochs=30, val_interval=1)
val_cfg = dict()
test_cfg = dict()

# The paper states no schedule. Released code: x 0.1 before its epoch 30,
# counted from 1, so for the last epoch only.
param_scheduler = dict(
    type='MultiStepLR', by_epoch=True, milestones=[29], gamma=0.1
)

auto_scale_lr = dict(base_batch_size=256)  # paper
