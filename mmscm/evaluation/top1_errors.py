"""Name why Top-1 localization fails, as TS-CAM splits it."""

from __future__ import annotations

import numpy as np

from mmscm.functional.boxes import box_areas, intersection_areas, pairwise_iou

ERRORS = ('right', 'cls_wrong', 'multi_instances', 'part', 'more', 'wrong')


def top1_error(
    class_is_right: bool, box: np.ndarray, true_boxes: np.ndarray
) -> str:
    """Name the error of a Top-1 prediction, one of ``ERRORS``.

    The first that holds: 'cls_wrong', the class is wrong; 'right', IoU
    above 0.5; 'multi_instances', the box covers more than 0.3 of each of
    several objects; 'part', more than half of the box lies in the object;
    'more', the box covers 0.7 of the object or more; else 'wrong'. "The
    object" is that of largest IoU, the first if none is touched. Areas
    count border pixels; boxes, shape (4,) and (M, 4), are xyxy in pixels.
    """
    if not class_is_right:
        return 'cls_wrong'
    box = np.asarray(box)[None]
    ious = pairwise_iou(box, true_boxes, inclusive=True)[0]
    if ious.max() > 0.5:
        return 'right'
    shared = intersection_areas(box, true_boxes, inclusive=True)[0]
    of_object = shared / box_areas(true_boxes, inclusive=True)  # IoG
    if (of_object > 0.3).sum() > 1:
        return 'multi_instances'
    best = ious.argmax()
    if shared[best] > 0.5 * box_areas(box, inclusive=True)[0]:
        return 'part'
    return 'more' if of_object[best] >= 0.7 else 'wrong'
