"""LCTR with DeiT-T on ten ImageNet classes at 224 px."""

_base_ = [
    '../_base_/models/deit-tiny.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(type='mmscm.AttentionLCTR'),
    head=dict(num_classes=10, type='mmscm.CDMHead', init_cfg=[]),
)
optim_wrapper = dict(optimizer=dict(lr=5e-5))
