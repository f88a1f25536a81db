"""CutMix with Inception v3 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 57.5 (protocol `wsoleval`).
"""

_base_ = '../cam/inception-v3_cub.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=[1.0]),
    head=dict(cal_acc=False),
)
