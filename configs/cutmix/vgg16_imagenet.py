"""CutMix with VGG16 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 59.4 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_imagenet.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=[1.0]),
    head=dict(cal_acc=False),
)
