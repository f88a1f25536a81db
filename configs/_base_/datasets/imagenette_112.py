"""Ten ImageNet classes at 112 px; boxes for 100 val and 150 test images.

tools/dataset_converters/imagenette_wsol.py makes the folder.
"""

data_root = 'data/imagenette_wsol/'

data_preprocessor = dict(
    num_classes=10,
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
# 256 -> 224 of the paper, halved
train_pipeline = [
    load_image,
    dict(type='mmscm.Resize', scale=(128, 128), interpolation='bilinear'),
    dict(type='mmscm.RandomCrop', crop_size=112),
    dict(type='mmscm.RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    load_image,
    # protocols clip boxes, each in its own way
    dict(
        type='mmscm.Resize',
        scale=(112, 112),
        interpolation='bilinear',
        clip_object_border=False,
    ),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]

train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    persistent_workers=True,
    drop_last=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/train',
        classes='classes.txt',
        localization='none',
        pipeline=train_pipeline,
    ),
)

val_dataloader = dict(
    batch_size=50,
    num_workers=2,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/val',
        classes='classes.txt',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)

test_dataloader = dict(
    batch_size=50,
    num_workers=2,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/test',
        classes='classes.txt',
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
]
test_evaluator = val_evaluator
