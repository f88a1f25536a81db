"""HaS with ResNet-50 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.4 (protocol `wsoleval`).
"""

_base_ = '../cam/resnet50_imagenet.py'

model = dict(
    regularizers=[dict(type='mmscm.HideAndSeek', grid_size=44, drop_rate=0.5)],
)
