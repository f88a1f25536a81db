"""CutMix with Inception v3 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 62.5.
"""

_base_ = '../cam/inception-v3_openimages.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=[1.0]),
    head=dict(cal_acc=False),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
