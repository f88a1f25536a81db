"""PSOL's regressor on ToyObjects, whose own boxes it learns: a bound."""

_base_ = [
    '../_base_/models/resnet-micro.py',
    '../_base_/datasets/toy_112.py',
    '../_base_/schedules/toy.py',
    '../_base_/default_runtime.py',
    '../_base_/box_evaluator.py',
]

backbone = _base_.model.backbone
model = dict(type='mmscm.BoxLocalizer', backbone=backbone, in_channels=256)
model.update(_delete_=True)
kept = dict(img='img', img_shape='img_shape', gt_bboxes='pseudo_bboxes')
crop = dict(type='mmscm.RandomResizedCrop', scale=112)
flip = dict(type='mmscm.RandomFlip', prob=0.5)
pipeline = [
    # images are drawn, not stored: no other method writes boxes of them
    dict(type='KeyMapper', transforms=[crop, flip], remapping=kept),
    dict(type='PackInputs', algorithm_keys=('pseudo_bboxes',)),
]
train_dataloader = dict(dataset=dict(pipeline=pipeline))
val_evaluator = test_evaluator = _base_.box_evaluator
