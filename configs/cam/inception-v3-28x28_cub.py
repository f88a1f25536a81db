"""CAM with Inception v3 and a map of 28 x 28 on CUB-200-2011 at 224 px."""

_base_ = './inception-v3_cub.py'

model = dict(backbone=dict(large_map=True))
optim_wrapper = dict(optimizer=dict(lr=2.24844746e-3))  # its issue 38
