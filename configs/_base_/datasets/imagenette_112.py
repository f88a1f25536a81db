"""Ten ImageNet classes at 112 px; boxes for 100 val and 150 test images.

tools/dataset_converters/imagenette_wsol.py makes the folder.
"""

_base_ = './common.py'

data_root = 'data/imagenette_wsol/'

data_preprocessor = dict(num_classes=10)

# 256 -> 224 of the paper, halved
train_pipeline = [
    _base_.load_image,
    dict(type='mmscm.Resize', scale=(128, 128), interpolation='bilinear'),
    dict(type='mmscm.RandomCrop', crop_size=112),
    dict(type='mmscm.RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    _base_.load_image,
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
    drop_last=True,
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
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/test',
        classes='classes.txt',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
