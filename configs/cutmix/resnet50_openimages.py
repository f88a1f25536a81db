"""CutMix with ResNet-50 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 57.7.
Rate and strength are those that DA-WSOL's scripts run.
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.35), probs=[0.34]),
    head=dict(cal_acc=False),
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
