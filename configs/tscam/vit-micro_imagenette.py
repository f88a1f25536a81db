"""TS-CAM with vit-micro on ten ImageNet classes at 112 px.

Results measured here, with command and seed: README.md.
"""

_base_ = [
    '../_base_/models/vit-micro.py',
    '../_base_/datasets/imagenette_112.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/default_runtime.py',
]
