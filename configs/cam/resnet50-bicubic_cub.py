"""CAM with ResNet-50 on CUB-200-2011, scored with maps enlarged bicubically.

As wsolevaluation scores its table; the training is that of resnet50_cub.
"""

_base_ = './resnet50_cub.py'

_protocol = dict(name='wsoleval', resize_mode='bicubic')
val_evaluator = [
    dict(type='mmscm.LocalizationAccuracy', protocol=_protocol),
    dict(
        type='mmscm.MaxBoxAcc',
        protocol=_protocol,
        cam_thrs=0.001,
        iou_thrs=(0.3, 0.5, 0.7),
        all_contours=True,
    ),
]
test_evaluator = val_evaluator
