"""SCM with DeiT-S on the discs and squares of data/."""

_base_ = 'mmscm::scm/deit-s_cub.py'

data_root = '{{ fileDirname }}/data/'

train_dataloader = dict(
    batch_size=4,
    dataset=dict(
        _delete_=True,
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/train',
        classes='classes.txt',
        localization='none',  # training needs no box
        pipeline=_base_.train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/val',
        classes='classes.txt',
        pipeline=_base_.test_pipeline,
        test_mode=True,
    ),
)
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/test',
        classes='classes.txt',
        pipeline=_base_.test_pipeline,
        test_mode=True,
    ),
)

model = dict(head=dict(num_classes=2))
data_preprocessor = dict(num_classes=2)
