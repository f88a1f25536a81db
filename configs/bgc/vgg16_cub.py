"""BGC with VGG16 on CUB-200-2011 at 224 px.

SAT's table: Top-1 Loc 70.83, Top-5 Loc 88.07, GT-Known 93.17.
"""

_base_ = [
    '../_base_/models/bgc_vgg16.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/wsoleval_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
optim_wrapper = dict(
    optimizer=dict(lr=4e-3),
    paramwise_cfg=dict(
        custom_keys={'head': dict(lr_mult=5), 'head.hidden': dict(lr_mult=1)}
    ),
)
train_cfg = dict(max_epochs=70)
param_scheduler = dict(milestones=[40, 60], gamma=0.2)
train_dataloader = dict(batch_size=64)
auto_scale_lr = dict(base_batch_size=64)
