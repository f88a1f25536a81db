"""C2AM with ResNet-50 on OpenImages30k: 224 px, test at 448 px.

Not published; the settings are those of ILSVRC.
"""

_base_ = [
    '../_base_/models/c2am_resnet50.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/c2am_imagenet.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100))
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (448, 448)
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
