"""The common start of both methods: vit-micro on the ten classes at 112 px.

TS-CAM (no neck) trained longer and with stronger augmentation than the runs
that are compared: docs/evidence.md.
"""

_base_ = '../tscam/vit-micro_imagenette.py'

train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(
                type='LoadImageFromFile',
                color_type='color_ignore_orientation',
                imdecode_backend='cv2',
            ),
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

optim_wrapper = dict(optimizer=dict(lr=1e-3, weight_decay=0.05))
train_cfg = dict(max_epochs=8)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, end=200),
    dict(
        type='CosineAnnealingLR',
        by_epoch=True,
        T_max=8,
        convert_to_iter_based=True,
    ),
]
# The last one is the start: boxes play no part in choosing it
default_hooks = dict(checkpoint=dict(save_best=None, max_keep_ckpts=1))
