"""SCM in place of TS-CAM from the very beginning: the run of start.py.

Both differ in the neck alone, for eight epochs: docs/evidence_micro.md.
"""

_base_ = [
    '../_base_/models/vit-micro.py',
    '../_base_/datasets/imagenette_112_crops.py',
    '../_base_/schedules/imagenette_start.py',
    '../_base_/default_runtime.py',
]

model = dict(neck=dict(type='mmscm.SCM'))
