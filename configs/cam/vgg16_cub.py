"""CAM with VGG16 on CUB-200-2011 at 224 px.

wsolevaluation, main table: MaxBoxAccV2 63.7 (protocol `wsoleval`).
"""

_base_ = [
    '../_base_/models/vgg16.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/wsoleval_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
optim_wrapper = dict(optimizer=dict(lr=1.268269e-5))  # its issue 60
