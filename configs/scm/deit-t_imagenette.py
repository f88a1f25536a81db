"""SCM with DeiT-T on ten ImageNet classes at 224 px.

Results measured here, with command and seed: docs/comparison.md.
"""

_base_ = [
    '../_base_/models/deit-tiny.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=dict(type='mmscm.SCM'),
    head=dict(num_classes=10),
)
optim_wrapper = dict(optimizer=dict(lr=5e-5))  # the paper's, for DeiT
