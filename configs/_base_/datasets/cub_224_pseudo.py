"""CUB-200-2011 at 224 px, with pseudo boxes to learn from.

tools/infer.py data/CUB_200_2011/images ... --out-dir data/pseudo_cub --split
data/wsol_metadata/CUB/train writes them.
"""

_base_ = ['./cub_224.py', '../pseudo_boxes.py']

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmscm.WSOLMetadata',
        data_root='data/',
        split_folder='wsol_metadata/CUB/train',
        data_prefix='CUB_200_2011/images',
        localization='none',
        classes='cub',
        pseudo_boxes='pseudo_cub/boxes.txt',
        pipeline={{_base_.pseudo_pipeline}},
    ),
)
