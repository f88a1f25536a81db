"""DDT with EfficientNet-Lite0 on ten ImageNet classes at 448 px."""

_base_ = [
    '../_base_/datasets/imagenette_224.py',
    '../_base_/no_training.py',
    '../_base_/box_evaluator.py',
]

model = dict(
    type='mmscm.DDTLocalizer',
    backbone=dict(type='TIMMBackbone', model_name='tf_efficientnet_lite0'),
    num_classes=10,
    in_channels=1280,
)

load_from = 'public://efficientnet-lite0'
data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (448, 448)
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
images = dict(_base_.train_dataloader.dataset, pipeline=test_pipeline)
custom_hooks = [dict(type='mmscm.FitDDTHook', dataset=images)]
test_evaluator = _base_.box_evaluator
