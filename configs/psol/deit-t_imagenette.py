"""PSOL with DeiT-T on ten ImageNet classes at 224 px: boxes, no labels."""

_base_ = [
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/default_runtime.py',
    '../_base_/box_evaluator.py',
    '../_base_/pseudo_boxes.py',
]

model = dict(
    type='mmscm.BoxLocalizer',
    backbone=dict(
        type='mmscm.AttentionTIMM',
        model_name='deit_tiny_patch16_224.fb_in1k',
        pretrained=True,
    ),
    in_channels=192,
)
pseudo = dict(pseudo_boxes='pseudo/boxes.txt', pipeline=_base_.pseudo_pipeline)
train_dataloader = dict(dataset=pseudo)
val_evaluator = test_evaluator = _base_.box_evaluator
