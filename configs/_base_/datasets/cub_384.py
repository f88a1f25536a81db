# cub_224 with images of 384 px.
_base_ = './cub_224.py'

train_pipeline = _base_.train_pipeline
train_pipeline[1].scale = (439, 439)  # 256 / 224 of the crop, as at 224 px
train_pipeline[2].crop_size = 384
test_pipeline = _base_.test_pipeline
test_pipeline[1].scale = (384, 384)

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
