"""GC-Net with VGG16 and ellipses on OpenImages30k at 224 px.

Not published; the settings are those of CUB but for 10 epochs. Its classifier
is trained first: cam/vgg16_openimages.
"""

_base_ = [
    '../_base_/models/gc-net_vgg16.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/gc-net.py',
    '../_base_/default_runtime.py',
]

_start = 'work_dirs/cam/vgg16_openimages/epoch_10.pth'
model = dict(
    classifier=dict(
        head=dict(num_classes=100), init_cfg=dict(checkpoint=_start)
    )
)
train_cfg = dict(max_epochs=10)
param_scheduler = dict(begin=7, end=10)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
