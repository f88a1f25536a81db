"""CAM with Inception v3 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 56.7 (protocol `wsoleval`).
"""

_base_ = [
    '../_base_/models/inception-v3.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/wsoleval_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
