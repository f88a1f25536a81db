"""TriLite with frozen DINOv2 ViT-S/14 on CUB-200-2011, test at 448 px.

Paper: Top-1 Loc 87.3 (largest contour, best threshold on the test set).
"""

_base_ = [
    '../_base_/models/trilite_dinov2-small.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/schedules/trilite.py',
]

model = dict(
    head=dict(
        num_classes=200,
        background_weight=100.0,
        dropout_region=0.5,
        dropout_class=0.5,
    )
)

train_dataloader = dict(batch_size=128)
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (448, 448)
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
