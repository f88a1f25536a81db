"""Public weights as they are: tests and inference only."""

_base_ = './default_runtime.py'

val_cfg = dict()
test_cfg = dict()
