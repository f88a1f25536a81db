"""TriLite, DINOv2 ViT-S/14, OpenImages30k at 448 px. Paper: PxAP 73.3."""

_base_ = [
    '../_base_/models/trilite_dinov2-small.py',
    '../_base_/datasets/openimages_224.py',
    '../_base_/schedules/trilite.py',
]

model = dict(
    head=dict(num_classes=100, background_weight=3.0, dropout_region=0.0)
)
optim_wrapper = dict(optimizer=dict(lr=1e-5))
train_pipeline = _base_.train_pipeline
train_pipeline[1].scale = (480, 480)
train_pipeline[2].crop_size = 448
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (448, 448)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
custom_hooks = _base_.custom_hooks
custom_hooks[0].monitor = 'wsol/px_ap'
