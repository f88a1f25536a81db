"""CutMix with VGG16 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 62.3 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=[1.0]),
    head=dict(cal_acc=False),
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
)
