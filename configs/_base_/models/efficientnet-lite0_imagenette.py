# EfficientNet-Lite0 from its public weights, with a new head of ten classes.
_base_ = './efficientnet-lite0.py'

model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained',
            checkpoint='public://efficientnet-lite0',
            prefix='backbone',
        ),
    ),
    head=dict(num_classes=10),
)
