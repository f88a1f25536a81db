"""ToyObjects at 112 px: rendered, nothing to download."""

dataset_type = 'mmscm.ToyObjects'
num_classes = 10

data_preprocessor = dict(
    num_classes=num_classes,
    # ImageNet, RGB
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    to_rgb=True,
)

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
    persistent_workers=True,
    drop_last=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        split='train',
        length=4000,
        num_classes=num_classes,
        pipeline=train_pipeline,
    ),
)

val_dataloader = dict(
    batch_size=50,
    num_workers=1,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        split='val',
        length=200,
        num_classes=num_classes,
        pipeline=test_pipeline,
        test_mode=True,
    ),
)

test_dataloader = dict(
    batch_size=50,
    num_workers=1,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        split='test',
        length=500,
        num_classes=num_classes,
        pipeline=test_pipeline,
        test_mode=True,
    ),
)

val_evaluator = [
    dict(
        type='mmscm.LocalizationAccuracy', protocol='wsoleval', cam_thrs=0.01
    ),
    dict(type='mmscm.LocalizationAccuracy', protocol='tscam', cam_thr=0.1),
    dict(type='mmscm.LocalizationAccuracy', protocol='scm', cam_thrs=0.01),
    dict(type='mmscm.LocalizationAccuracy', protocol='gtmap', cam_thrs=0.01),
    dict(type='mmscm.MaxBoxAcc', protocol='wsoleval', cam_thrs=0.01),
    dict(
        type='mmscm.MaxBoxAcc',
        protocol='wsoleval',
        cam_thrs=0.01,
        iou_thrs=(0.3, 0.5, 0.7),
        all_contours=True,
    ),
    dict(type='mmscm.PxAP'),
]
test_evaluator = val_evaluator
