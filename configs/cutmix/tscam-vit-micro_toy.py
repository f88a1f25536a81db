"""TS-CAM and CutMix together on ToyObjects at 112 px."""

_base_ = '../tscam/vit-micro_toy.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=[1.0]),
    head=dict(cal_acc=False),
)
