"""ILSVRC 2012 at 224 px; thresholds and epochs are chosen on ImageNetV2.

data/ILSVRC2012/train/<synset>/         images
data/ILSVRC2012/val/                    images, not in folders
data/ILSVRC2012/meta/val.txt            lines `path label` of them
data/ILSVRC2012/Annotations/CLS-LOC/val XML files with their boxes
data/ILSVRC2012/val2/<label>/           images of ImageNetV2
data/wsol_metadata/ILSVRC/val/          lists of wsolevaluation for them
"""

data_preprocessor = dict(
    num_classes=1000,
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
    batch_size=64,  # 8 GPUs x 64 = 512, paper
    num_workers=8,
    persistent_workers=True,
    pin_memory=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='mmscm.ImageNetLocalization',
        data_root='data/ILSVRC2012/',
        split='train',
        pipeline=train_pipeline,
    ),
)

val_dataloader = dict(
    batch_size=64,
    num_workers=8,
    persistent_workers=True,
    pin_memory=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/ILSVRC/val',
        data_prefix='ILSVRC2012',
        classes='imagenet',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)

test_dataloader = dict(
    batch_size=64,
    num_workers=8,
    persistent_workers=True,
    pin_memory=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='mmscm.ImageNetLocalization',
        data_root='data/ILSVRC2012/',
        split='val',
        ann_file='meta/val.txt',
        boxes='Annotations/CLS-LOC/val/',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)

val_evaluator = [
    dict(
        type='mmscm.LocalizationAccuracy', protocol='wsoleval', cam_thrs=0.01
    ),
    # 0.12 is the threshold TS-CAM fixes on ILSVRC
    dict(type='mmscm.LocalizationAccuracy', protocol='tscam', cam_thr=0.12),
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
