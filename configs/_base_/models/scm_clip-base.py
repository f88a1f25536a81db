# SCM: TS-CAM's model with the neck (paper, Sec. 3.2).
_base_ = './tscam_clip-base.py'

model = dict(
    neck=dict(
        type='mmscm.SCM',
        num_blocks=4,
        num_iters=4,
        init_scale=0.002,
        init_lambda=1.0,
        init_beta=0.5,
    ),
)
