"""PSOL with EfficientNet-Lite0 on ten ImageNet classes: boxes, no labels."""

_base_ = [
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/channels_last_runtime.py',
    '../_base_/box_evaluator.py',
    '../_base_/pseudo_boxes.py',
]

start = dict(checkpoint='public://efficientnet-lite0', prefix='backbone')
model = dict(
    type='mmscm.BoxLocalizer',
    backbone=dict(
        type='TIMMBackbone',
        model_name='tf_efficientnet_lite0',
        init_cfg=dict(type='Pretrained', **start),
    ),
    in_channels=1280,
)
data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
pseudo = dict(pseudo_boxes='pseudo/boxes.txt', pipeline=_base_.pseudo_pipeline)
train_dataloader = dict(dataset=pseudo)
val_evaluator = test_evaluator = _base_.box_evaluator
