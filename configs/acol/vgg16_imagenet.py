"""ACoL with VGG16 on ILSVRC at 224 px.

wsolevaluation, main table: MaxBoxAccV2 57.4 (protocol `wsoleval`).
"""

_base_ = '../cam/vgg16_imagenet.py'

model = dict(
    backbone=dict(pools=((3, 2), (3, 2), (3, 2), (3, 2), (3, 1))),
    head=dict(
        type='mmscm.ACoLHead',
        erase_thr=0.7,
        hidden=(1024, 1024),
        pre_pool=True,
    ),
)
