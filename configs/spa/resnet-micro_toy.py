"""SPA with a narrow ResNet-18 from scratch on ToyObjects at 112 px."""

_base_ = '../cam/resnet-micro_toy.py'

_constraint = dict(background_thr=0.1, gap=0.2, warm_up=1)
model = dict(
    head=dict(type='mmscm.SelfCorrelationHead', after=('layer3', 'layer4')),
    regularizers=[dict(type='mmscm.ActivationConstraint', **_constraint)],
)
