"""ToyObjects at 112 px: rendered, nothing to download."""

_base_ = './common.py'

dataset_type = 'mmscm.ToyObjects'
num_classes = 10

data_preprocessor = dict(num_classes=num_classes)

train_pipeline = [
    dict(type='mmscm.RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    dict(type='PackInputs', algorithm_keys=('gt_bboxes', 'gt_mask')),
]

# One worker draws 800 images a second
train_dataloader = dict(
    batch_size=64,
    num_workers=1,
    drop_last=True,
    dataset=dict(
        type=dataset_type,
        split='train',
        length=4000,
        num_classes=num_classes,
        img_size=112,
        pipeline=train_pipeline,
    ),
)

val_dataloader = dict(
    batch_size=50,
    num_workers=1,
    dataset=dict(
        type=dataset_type,
        split='val',
        length=200,
        num_classes=num_classes,
        img_size=112,
        pipeline=test_pipeline,
    ),
)

test_dataloader = dict(
    batch_size=50,
    num_workers=1,
    dataset=dict(
        type=dataset_type,
        split='test',
        length=500,
        num_classes=num_classes,
        img_size=112,
        pipeline=test_pipeline,
    ),
)

val_evaluator = [*_base_.val_evaluator, dict(type='mmscm.PxAP')]
test_evaluator = val_evaluator
