# Training on boxes that another method gave: crops and flips with them.
pseudo_pipeline = [
    dict(
        type='mmscm.LoadImage',
        color_type='color_ignore_orientation',
        imdecode_backend='cv2',
    ),
    dict(
        type='KeyMapper',  # transforms move boxes of the name `gt_bboxes`
        mapping=dict(
            img='img', img_shape='img_shape', gt_bboxes='pseudo_bboxes'
        ),
        transforms=[
            # 0.08 to 1 of the image, sides 3:4 to 4:3
            dict(type='mmscm.RandomResizedCrop', scale=224),
            dict(type='mmscm.RandomFlip', prob=0.5),
        ],
    ),
    dict(type='PackInputs', algorithm_keys=('pseudo_bboxes',)),
]
