# For boxes without class scores: GT-Known and MaxBoxAccV2, which here is the
# mean over IoU bounds; no threshold plays a part. Protocol `scm` scores a
# predicted class, so it needs a classifier.
box_evaluator = [
    dict(type='mmscm.LocalizationAccuracy', topk=()),
    dict(type='mmscm.LocalizationAccuracy', protocol='tscam', topk=()),
    dict(type='mmscm.MaxBoxAcc', iou_thrs=(0.3, 0.5, 0.7), all_contours=True),
]
