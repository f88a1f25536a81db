"""HaS with Inception v3 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 53.4 (protocol `wsoleval`).
"""

_base_ = '../cam/inception-v3_cub.py'

model = dict(
    regularizers=[dict(type='mmscm.HideAndSeek', grid_size=44, drop_rate=0.5)],
)
