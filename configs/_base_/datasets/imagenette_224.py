"""Ten ImageNet classes at 224 px; see imagenette_112.py."""

_base_ = './imagenette_112.py'

train_pipeline = _base_.train_pipeline
train_pipeline[1].scale = (256, 256)
train_pipeline[2].crop_size = 224
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (224, 224)

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
