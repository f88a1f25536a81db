"""TriLite's head on frozen DeiT-T tokens, ToyObjects at 112 px."""

_base_ = [
    '../_base_/models/trilite_dinov2-small.py',
    '../_base_/datasets/toy_112.py',
    '../_base_/schedules/trilite.py',
]

model = dict(
    backbone=dict(model_name='deit_tiny_patch16_224.fb_in1k', img_size=224),
    head=dict(num_classes=10, in_channels=192, background_weight=3.0),
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=5)
