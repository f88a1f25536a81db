"""CAM with Inception v3 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 63.2.
"""

_base_ = [
    '../_base_/models/inception-v3.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/wsoleval_10e.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100))
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
