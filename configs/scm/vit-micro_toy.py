"""SCM with vit-micro on rendered ToyObjects at 112 px.

Results measured here, with command and seed: README.md.
"""

_base_ = [
    '../_base_/models/vit-micro.py',
    '../_base_/datasets/toy_112.py',
    '../_base_/schedules/toy.py',
    '../_base_/default_runtime.py',
]

model = dict(neck=dict(type='mmscm.SCM'))
