"""What the data sets share: normalization, pipelines, loaders, metrics.

A data set adds its folders and what differs. Pipelines are those of the
paper at 224 px.
"""

data_preprocessor = dict(
    # ImageNet, RGB
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    to_rgb=True,
)

# Boxes are annotated on the pixels as stored, before any EXIF rotation
load_image = dict(
    type='mmscm.LoadImage',
    color_type='color_ignore_orientation',
    imdecode_backend='cv2',
)
# Paper, Sec. 4.1: resize to 256, crop 224 at random
train_pipeline = [
    load_image,
    dict(type='mmscm.Resize', scale=(256, 256), interpolation='bilinear'),
    dict(type='mmscm.RandomCrop', crop_size=224),
    dict(type='mmscm.RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    load_image,
    # protocols clip boxes, each in its own way
    dict(
        type='mmscm.Resize',
        scale=(224, 224),
        interpolation='bilinear',
        clip_object_border=False,
    ),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]

train_dataloader = dict(
    batch_size=32,
    num_workers=4,
    pin_memory=True,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=4,
    pin_memory=True,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(pipeline=test_pipeline, test_mode=True),
)
test_dataloader = val_dataloader

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
]
test_evaluator = val_evaluator
