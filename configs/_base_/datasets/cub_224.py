"""CUB-200-2011 at 224 px; thresholds and epochs are chosen on CUBV2.

data/CUB_200_2011/   as distributed
data/CUBV2/          images of CUBV2, <class>/<image>.jpg
data/wsol_metadata/  lists of ids, labels, sizes and boxes of wsolevaluation
"""

_base_ = './common.py'

data_preprocessor = dict(num_classes=200)

train_dataloader = dict(
    batch_size=32,  # 8 GPUs x 32 = 256, paper
    dataset=dict(
        type='mmscm.CUBLocalization',
        data_root='data/CUB_200_2011/',
        split='train',
    ),
)

val_dataloader = dict(
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/CUB/val',
        data_prefix='CUBV2',
        classes='cub',
    ),
)

test_dataloader = dict(
    dataset=dict(
        type='mmscm.CUBLocalization',
        data_root='data/CUB_200_2011/',
        split='test',
    ),
)
