# C2AM with ResNet-50: the last two stages, 14 x 14 at 224 px.
_base_ = './resnet50.py'

model = dict(
    backbone=dict(out_indices=(2, 3)),
    head=dict(type='mmscm.CCAMHead', in_channels=(1024, 2048), alpha=0.05),
)
