"""Ten ImageNet classes at 112 px; boxes for 100 val and 150 test images.

tools/dataset_converters/imagenette_wsol.py makes the folder.
"""

_base_ = './common.py'

data_root = 'data/imagenette_wsol/'

data_preprocessor = dict(num_classes=10)

train_pipeline = _base_.train_pipeline
train_pipeline[1].scale = (128, 128)  # 256 -> 224 of the paper, halved
train_pipeline[2].crop_size = 112
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (112, 112)

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
    ),
)
