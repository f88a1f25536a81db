"""CutMix with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=[1.0]),
    head=dict(cal_acc=False),
)
