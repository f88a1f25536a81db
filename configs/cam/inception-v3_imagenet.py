"""CAM with Inception v3 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.4 (protocol `wsoleval`).
"""

_base_ = [
    '../_base_/models/inception-v3.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/wsoleval_10e.py',
    '../_base_/default_runtime.py',
]
