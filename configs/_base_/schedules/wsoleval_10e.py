"""ILSVRC and OpenImages, 10 epochs (wsolevaluation)."""

_base_ = './wsoleval_cub.py'

train_cfg = dict(max_epochs=10)

# x 0.1 before its epochs 3, 6 and 9, counted from 1
param_scheduler = dict(milestones=[2, 5, 8])
