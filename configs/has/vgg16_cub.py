"""HaS with VGG16 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.7 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(
    regularizers=[dict(type='mmscm.HideAndSeek', grid_size=44, drop_rate=0.5)],
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
)
