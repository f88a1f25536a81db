# imagenette_112 with stronger augmentation: crops of any shape, colours.
_base_ = './imagenette_112.py'

train_dataloader = dict(
    dataset=dict(
        pipeline=[
            {{_base_.load_image}},
            # objects fill much of these photographs: crops of 1/3 and more
            dict(
                type='RandomResizedCrop',
                scale=112,
                crop_ratio_range=(0.35, 1.0),
            ),
            dict(type='RandomFlip', prob=0.5),
            dict(
                type='ColorJitter',
                brightness=0.3,
                contrast=0.3,
                saturation=0.3,
            ),
            dict(type='PackInputs'),
        ]
    )
)
