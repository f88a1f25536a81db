"""TriLite's head on frozen DeiT-T tokens, ten ImageNet classes at 224 px.

DINOv2 is what the paper wants; this runs on the small public weights.
"""

_base_ = [
    '../_base_/models/trilite_dinov2-small.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/trilite.py',
]

model = dict(
    backbone=dict(model_name='deit_tiny_patch16_224.fb_in1k', img_size=224),
    head=dict(num_classes=10, in_channels=192),
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=20)
