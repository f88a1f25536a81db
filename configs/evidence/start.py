"""The common start of both methods: vit-micro on the ten classes at 112 px.

TS-CAM (no neck) trained longer and with stronger augmentation than the runs
that are compared: docs/evidence_micro.md. The last epoch is the start, so
boxes play no part in choosing it.
"""

_base_ = [
    '../_base_/models/vit-micro.py',
    '../_base_/datasets/imagenette_112_crops.py',
    '../_base_/schedules/imagenette_start.py',
    '../_base_/default_runtime.py',
]
