"""DDT with VGG16 on CUB-200-2011 at 448 px, no training.

Paper (of PSOL, as SPOL has it): GT-Known 84.55 of the images it is fitted to.
"""

_base_ = [
    '../_base_/models/ddt_vgg16.py',
    '../_base_/datasets/cub_224.py',
    '../_base_/no_training.py',
    '../_base_/box_evaluator.py',
]

model = dict(num_classes=200)
load_from = (
    'https://download.openmmlab.com/mmclassification/v0/vgg/'
    'vgg16_batch256_imagenet_20210208-db26f1a5.pth'
)
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (448, 448)
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
custom_hooks = [dict(type='mmscm.FitDDTHook')]
test_evaluator = _base_.box_evaluator
