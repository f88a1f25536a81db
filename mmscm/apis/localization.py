"""Turn a predicted map into boxes in pixels of the original image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from mmpretrain.structures import DataSample

from mmscm.evaluation.protocols import TSCAM, WSOLEVAL
from mmscm.evaluation.sample import SampleView
from mmscm.functional.boxes import box_areas, boxes_from_map

if TYPE_CHECKING:
    import supervision

WHOLE = 0.99  # of the image: a larger box says nothing


class Localization(dict):
    """What is found in one image; a plain dict with these keys.

    ``label``, ``class`` and ``score`` (probability, 0 to 1) of the localized
    class; ``bboxes`` xyxy in pixels of the original image, shape (n, 4), and
    ``box_scores``, shape (n,), see :func:`box_contrast`; ``cam_thr``;
    ``name`` and ``size`` (height, width) of the image; ``topk`` (a list of
    label, class, score), and what mmpretrain's inferencer gives
    (``pred_label``, ...).
    """

    def to_detections(self) -> supervision.Detections:
        """The boxes for supervision; their confidence is the class's."""
        import supervision

        count = len(self['bboxes'])
        return supervision.Detections(
            xyxy=np.asarray(self['bboxes'], np.float32).reshape(-1, 4),
            confidence=np.full(count, self['score'], np.float32),
            class_id=np.full(count, self['label']),
            data={
                'class_name': np.array([self['class']] * count, dtype=str),
                'box_score': np.asarray(self['box_scores']),
            },
        )


def localize(
    sample: DataSample,
    label: int,
    cam_thr: float,
    all_objects: bool = False,
    areas: tuple[float, float] = (0.0, 1.0),
) -> dict[str, Any]:
    """Find the boxes of one class of an image.

    The map is cut at the size of the network input, as in tests, unless the
    sample has a box; boxes are scaled to the original image.

    Args:
        sample (DataSample): A prediction with the map of ``label``.
        label (int): Class to localize.
        cam_thr (float): Fraction of the maximum of the map.
        all_objects (bool): :func:`object_boxes`, not that of the largest.
        areas (tuple[float, float]): Smallest and largest box to keep,
            fractions of the image.

    Returns:
        dict: Part of a :class:`Localization`, and ``score_map`` in [0, 1] at
        the size of the network input.
    """
    size = tuple(sample.img_shape[:2])
    view = SampleView(sample.to_dict())
    score_map = view.score_map(label, WSOLEVAL)
    if view.has_boxes:
        boxes = view.boxes(label, TSCAM, np.zeros(1))  # it clips none
        boxes = boxes.round().astype(np.int64)
    elif all_objects:
        boxes = object_boxes(score_map, cam_thr)
    else:
        (boxes,) = boxes_from_map(score_map, [cam_thr], clip=False)
    shares = box_areas(boxes) / score_map.size
    boxes = boxes[(shares >= areas[0]) & (shares <= areas[1])]
    ori_shape = tuple(sample.ori_shape[:2])
    return dict(
        label=label,
        score=float(sample.pred_score[label]),
        bboxes=rescale(boxes, size, ori_shape),
        box_scores=np.array([box_contrast(score_map, box) for box in boxes]),
        size=ori_shape,
        score_map=score_map,
    )


def object_boxes(score_map: np.ndarray, cam_thr: float) -> np.ndarray:
    """Box every separate part of a map (H, W) in [0, 1] above a threshold.

    A box inside a larger one is left out, and so are those around holes;
    xyxy, x1 and y1 outside, the largest first, shape (n, 4).
    """
    (boxes,) = boxes_from_map(score_map, [cam_thr], True, clip=False)
    boxes = boxes[np.argsort(-box_areas(boxes), kind='stable')]
    sides = boxes * [1, 1, -1, -1]  # a larger number lies further inside
    inside = (sides[:, None] >= sides).all(2)
    return boxes[~np.tril(inside, -1).any(1)]


def box_contrast(score_map: np.ndarray, box: np.ndarray) -> float:
    """A map's mean inside a box less its mean outside, at most 1.

    0 for the box of the whole image or of nothing. Scores (H, W) are in
    [0, 1], the box xyxy, x1 and y1 outside, integers, shape (4,).
    """
    inside = np.zeros(score_map.shape, bool)
    inside[box[1] : box[3], box[0] : box[2]] = True
    if inside.all() or not inside.any():
        return 0.0
    return float(score_map[inside].mean() - score_map[~inside].mean())


def rescale(
    boxes: np.ndarray, size: tuple[int, int], new_size: tuple[int, int]
) -> np.ndarray:
    """Scale boxes (n, 4) to another height and width, to 0.01 of a pixel."""
    factors = np.divide(new_size[::-1] * 2, size[::-1] * 2)
    return np.round(boxes * factors, 2)
