"""OpenImages30k at 224 px: 100 classes, masks instead of boxes.

data/OpenImages/     images and masks, {train,val,test}/<class>/
data/wsol_metadata/  lists of wsolevaluation
"""

data_preprocessor = dict(
    num_classes=100,
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
    dict(type='mmscm.LoadLocalizationMask'),
    dict(type='PackInputs', algorithm_keys=('gt_mask',)),
]

train_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    drop_last=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/OpenImages/train',
        data_prefix='OpenImages',
        localization='none',
        num_classes=100,
        pipeline=train_pipeline,
    ),
)

val_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/OpenImages/val',
        data_prefix='OpenImages',
        localization='masks',
        num_classes=100,
        pipeline=test_pipeline,
        test_mode=True,
    ),
)

test_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/OpenImages/test',
        data_prefix='OpenImages',
        localization='masks',
        num_classes=100,
        pipeline=test_pipeline,
        test_mode=True,
    ),
)

val_evaluator = [dict(type='mmscm.PxAP')]
test_evaluator = val_evaluator
