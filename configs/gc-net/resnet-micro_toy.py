"""GC-Net with a narrow ResNet-18 from scratch on ToyObjects at 112 px.

Its classifier is trained first: cam/resnet-micro_toy.
"""

_base_ = '../cam/resnet-micro_toy.py'

_cam = _base_.model
_start = 'work_dirs/cam/resnet-micro_toy/epoch_2.pth'
_trained = dict(type='Pretrained', checkpoint=_start)
model = dict(
    _delete_=True,
    type='mmscm.GeometryLocalizer',
    backbone=_cam.backbone,
    in_channels=256,
    classifier=dict(_cam, init_cfg=_trained),
)
