"""ILSVRC 2012 at 224 px, with pseudo boxes to learn from.

configs/psol/README.md makes the lists in data/wsol_metadata/ILSVRC/train;
tools/infer.py data/ILSVRC2012 ... --split data/wsol_metadata/ILSVRC/train
--out-dir data/pseudo_ilsvrc writes the boxes.
"""

_base_ = ['./imagenet_224.py', '../pseudo_boxes.py']

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/ILSVRC/train',
        data_prefix='ILSVRC2012',
        localization='none',
        classes='imagenet',
        pseudo_boxes='pseudo_ilsvrc/boxes.txt',
        pipeline={{_base_.pseudo_pipeline}},
    ),
)
