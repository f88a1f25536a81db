"""OpenImages30k at 224 px: 100 classes, masks instead of boxes.

data/OpenImages/     images and masks, {train,val,test}/<class>/
data/wsol_metadata/  lists of wsolevaluation
"""

_base_ = './common.py'

data_preprocessor = dict(num_classes=100)

test_pipeline = [
    *_base_.test_pipeline[:-1],
    dict(type='mmscm.LoadLocalizationMask'),
    dict(type='PackInputs', algorithm_keys=('gt_mask',)),
]

train_dataloader = dict(
    drop_last=True,
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/OpenImages/train',
        data_prefix='OpenImages',
        localization='none',
        num_classes=100,
    ),
)

val_dataloader = dict(
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/OpenImages/val',
        data_prefix='OpenImages',
        localization='masks',
        num_classes=100,
        pipeline=test_pipeline,
    ),
)

test_dataloader = dict(
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/OpenImages/test',
        data_prefix='OpenImages',
        localization='masks',
        num_classes=100,
        pipeline=test_pipeline,
    ),
)

val_evaluator = [dict(type='mmscm.PxAP')]
test_evaluator = val_evaluator
