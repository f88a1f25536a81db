"""Your own folder at 224 px: docs/data/your_own.md has its files.

A leaf sets the `data_root` of the three data sets and, for the head, the
number of classes.
"""

_base_ = './common.py'

data_root = 'data/mine/'

train_dataloader = dict(
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/train',
        classes='classes.txt',
        localization='none',  # training needs no box
    ),
)

val_dataloader = dict(
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/val',
        classes='classes.txt',
    ),
)

test_dataloader = dict(
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root=data_root,
        split_folder='metadata/test',
        classes='classes.txt',
    ),
)
