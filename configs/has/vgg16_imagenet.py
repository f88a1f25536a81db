"""HaS with VGG16 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 60.6 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_imagenet.py'

model = dict(
    regularizers=[dict(type='mmscm.HideAndSeek', grid_size=44, drop_rate=0.5)],
)
