"""Boxes of thresholded score maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .box_thresholds import ThresholdedMap, finish_boxes, quantize


def boxes_from_map(
    score_map: np.ndarray,
    cam_thrs: Sequence[float] | np.ndarray,
    all_contours: bool = False,
    clip: bool = True,
    empty_box: Sequence[int] = (0, 0, 0, 0),
) -> list[np.ndarray]:
    """Boxes around what a score map has above each threshold.

    The map is truncated to 256 grey levels; a pixel belongs to the object
    if it is above ``int(cam_thr * max)``. Boxes are those of OpenCV's
    contours, (x, y, x + w, y + h): the right and lower sides lie one pixel
    outside.

    Args:
        score_map (np.ndarray): Scores in [0, 1], shape (H, W).
        cam_thrs (Sequence[float] | np.ndarray): T thresholds in [0, 1],
            fractions of the map's maximum.
        all_contours (bool): Boxes of all contours, those around holes
            included (MaxBoxAccV2), instead of the contour with the largest
            polygon area only.
        clip (bool): Limit x1 and y1 to W - 1 and H - 1.
        empty_box (Sequence[int]): Box of a threshold that no pixel passes.

    Returns:
        list[np.ndarray]: T integer arrays of boxes xyxy in pixels, shape
        (1, 4), or (n, 4) with ``all_contours``.
    """
    score_map = check_score_map(score_map)
    image = quantize(score_map)
    cut = ThresholdedMap(image, cam_thrs)
    found = cut.all_contours(image) if all_contours else cut.largest
    boxes = finish_boxes(found.boxes, score_map.shape, clip, empty_box)
    per_level = np.split(boxes, found.starts[1:])
    return [per_level[i] for i in found.level_of_thr]


def check_score_map(score_map: np.ndarray) -> np.ndarray:
    """The map as an array, if it is (H, W) with values in [0, 1]."""
    score_map = np.asarray(score_map)
    if score_map.ndim != 2 or not score_map.size:
        raise ValueError(
            'Expected a score map of shape (H, W), but got shape '
            f'{score_map.shape}.'
        )
    if not ((score_map >= 0) & (score_map <= 1)).all():  # or NaN
        raise ValueError(
            'Expected scores in [0, 1], but got values from '
            f'{score_map.min()} to {score_map.max()}.'
        )
    return score_map


def pairwise_iou(
    boxes_a: np.ndarray, boxes_b: np.ndarray, inclusive: bool = False
) -> np.ndarray:
    """Intersection over union of every pair of boxes.

    Args:
        boxes_a (np.ndarray): Boxes xyxy in pixels, shape (A, 4).
        boxes_b (np.ndarray): Boxes xyxy in pixels, shape (B, 4).
        inclusive (bool): Count border pixels, so that a box is
            x1 - x0 + 1 wide, as the WSOL evaluators do.

    Returns:
        np.ndarray: IoU in [0, 1], float64, shape (A, B); 0 if both boxes
        are empty.
    """
    intersection = intersection_areas(boxes_a, boxes_b, inclusive)
    area_a = box_areas(boxes_a, inclusive)[:, None]
    union = area_a + box_areas(boxes_b, inclusive) - intersection
    return intersection / np.where(union > 0, union, 1)


def intersection_areas(
    boxes_a: np.ndarray, boxes_b: np.ndarray, inclusive: bool = False
) -> np.ndarray:
    """Area in pixels that two boxes share; as `pairwise_iou`, (A, B)."""
    boxes_a, boxes_b = _as_boxes(boxes_a)[:, None], _as_boxes(boxes_b)
    low = np.maximum(boxes_a[..., :2], boxes_b[:, :2])
    high = np.minimum(boxes_a[..., 2:], boxes_b[:, 2:])
    return np.maximum(high - low + inclusive, 0).prod(-1)


def box_areas(boxes: np.ndarray, inclusive: bool = False) -> np.ndarray:
    """Area in pixels of boxes xyxy, shape (A, 4) -> (A,)."""
    boxes = _as_boxes(boxes)
    return np.maximum(boxes[:, 2:] - boxes[:, :2] + inclusive, 0).prod(-1)


def _as_boxes(boxes: np.ndarray) -> np.ndarray:
    boxes = np.asarray(boxes, dtype=np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f'Expected boxes of shape (n, 4), but got shape {boxes.shape}.'
        )
    return boxes
