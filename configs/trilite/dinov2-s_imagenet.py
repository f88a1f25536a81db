"""TriLite with frozen DINOv2 ViT-S/14 on ILSVRC 2012, test at 448 px.

Paper: Top-1 Loc 65.5, Top-5 Loc 75.6, GT-Known 77.9 (boxes of all contours,
if its table was made with the released settings: compare with MaxBoxAccV2 at
IoU 50; best threshold on the test set).
"""

_base_ = [
    '../_base_/models/trilite_dinov2-small.py',
    '../_base_/datasets/imagenet_224.py',
    '../_base_/schedules/trilite.py',
]

optim_wrapper = dict(
    optimizer=dict(lr=5e-6),
    paramwise_cfg=dict(custom_keys={'head.class_fc': dict(lr_mult=50.0)}),
)
train_cfg = dict(max_epochs=100)
auto_scale_lr = dict(base_batch_size=256)
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (448, 448)
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
