"""ToyObjects from scratch: minutes on two cores (chosen here)."""

optim_wrapper = dict(
    type='OptimWrapper',
    # The paper's AdamW but for the learning rate: its 5e-5 is for
    # fine-tuning, a small transformer from scratch wants about 20 times that.
    optimizer=dict(
        type='AdamW',
        lr=1e-3,
        betas=(0.9, 0.99),
        eps=1e-8,
        weight_decay=5e-4,
    ),
    clip_grad=dict(max_norm=1.0),  # from scratch the first steps are rough
)

# After a third the attention is a spike on the marks: docs/evidence_micro.md
train_cfg = dict(by_epoch=True, max_epochs=2, val_interval=1)
val_cfg = dict()
test_cfg = dict()

param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, end=30),
    dict(
        type='CosineAnnealingLR',
        by_epoch=True,
        T_max=2,
        convert_to_iter_based=True,
    ),
]

auto_scale_lr = dict(base_batch_size=64)  # the learning rate is for this
