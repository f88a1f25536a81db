"""GC-Net with EfficientNet-Lite0 on ten ImageNet classes at 224 px.

Its classifier is trained first: cam/efficientnet-lite0_imagenette.
"""

_base_ = [
    '../_base_/models/efficientnet-lite0_imagenette.py',
    '../_base_/datasets/imagenette_224.py',
    '../_base_/schedules/imagenette.py',
    '../_base_/channels_last_runtime.py',
]

data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
_cam = _base_.model
_start = 'work_dirs/cam/efficientnet-lite0_imagenette/epoch_5.pth'
_trained = dict(type='Pretrained', checkpoint=_start)
_encoder = dict(_cam.backbone, init_cfg=None)
model = dict(
    _delete_=True,
    type='mmscm.GeometryLocalizer',
    backbone=_cam.backbone,
    in_channels=1280,
    classifier=dict(_cam, backbone=_encoder, init_cfg=_trained),
)
