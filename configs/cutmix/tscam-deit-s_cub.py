"""TS-CAM and CutMix together on CUB-200-2011 at 224 px; not published."""

_base_ = '../tscam/deit-s_cub.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=[1.0]),
    head=dict(cal_acc=False),
)
