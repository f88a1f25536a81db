"""SCM and HaS together on CUB-200-2011 at 224 px; not published."""

_base_ = '../scm/deit-s_cub.py'

model = dict(
    regularizers=[dict(type='mmscm.HideAndSeek', grid_size=44, drop_rate=0.5)],
)
