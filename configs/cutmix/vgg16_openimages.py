"""CutMix with VGG16 on OpenImages30k at 224 px.

wsolevaluation, main table: PxAP 58.1.
"""

_base_ = '../cam/vgg16_openimages.py'

model = dict(
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=[1.0]),
    head=dict(cal_acc=False),
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),  # not known; not that of CAM
)
default_hooks = dict(checkpoint=dict(save_best='wsol/px_ap'))
