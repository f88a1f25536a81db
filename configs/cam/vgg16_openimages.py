"""CAM with VGG16 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 58.3.
"""

_base_ = [
    '../_base_/models/vgg16.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/wsoleval_10e.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100))
optim_wrapper = dict(optimizer=dict(lr=2.27913316e-3))  # its README
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
