"""ILSVRC 2012 at 224 px; thresholds and epochs are chosen on ImageNetV2.

data/ILSVRC2012/train/<synset>/         images
data/ILSVRC2012/val/                    images, not in folders
data/ILSVRC2012/meta/val.txt            lines `path label` of them
data/ILSVRC2012/Annotations/CLS-LOC/val XML files with their boxes
data/ILSVRC2012/val2/<label>/           images of ImageNetV2
data/wsol_metadata/ILSVRC/val/          lists of wsolevaluation for them
"""

_base_ = './common.py'

data_preprocessor = dict(num_classes=1000)

train_dataloader = dict(
    batch_size=64,  # 8 GPUs x 64 = 512, paper
    num_workers=8,
    dataset=dict(
        type='mmscm.ImageNetLocalization',
        data_root='data/ILSVRC2012/',
        split='train',
    ),
)

val_dataloader = dict(
    batch_size=64,
    num_workers=8,
    dataset=dict(
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/ILSVRC/val',
        data_prefix='ILSVRC2012',
        classes='imagenet',
    ),
)

test_dataloader = dict(
    batch_size=64,
    num_workers=8,
    dataset=dict(
        type='mmscm.ImageNetLocalization',
        data_root='data/ILSVRC2012/',
        split='val',
        ann_file='meta/val.txt',
        boxes='Annotations/CLS-LOC/val/',
    ),
)

val_evaluator = _base_.val_evaluator
val_evaluator[1].cam_thr = 0.12  # TS-CAM's own on ILSVRC
test_evaluator = val_evaluator
