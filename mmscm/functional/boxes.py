"""Boxes of thresholded score maps."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np


def boxes_from_map(
    score_map: np.ndarray,
    cam_thrs: Sequence[float],
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
        cam_thrs (Sequence[float]): T thresholds in [0, 1], fractions of the
            map's maximum.
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
    thresholded = ThresholdedMap(quantize(score_map), cam_thrs, all_contours)
    boxes = finish_boxes(thresholded.boxes, score_map.shape, clip, empty_box)
    per_level = np.split(boxes, thresholded.starts[1:])
    return [per_level[i] for i in thresholded.level_of_thr]


class ThresholdedMap:
    """Boxes of all thresholds of one map, each distinct level once.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        cam_thrs (Sequence[float]): T thresholds in [0, 1].
        all_contours (bool): See :func:`boxes_from_map`.

    Attributes:
        boxes (np.ndarray): Boxes of all levels in a row, shape (R, 4), xyxy
            with x1 and y1 outside; zeros stand for a level without boxes.
        starts (np.ndarray): First row of each level, shape (L,).
        level_of_thr (np.ndarray): Level of each threshold, shape (T,).
    """

    def __init__(
        self,
        image: np.ndarray,
        cam_thrs: Sequence[float],
        all_contours: bool = False,
    ) -> None:
        thrs = np.asarray(cam_thrs, dtype=np.float64)
        if thrs.ndim != 1 or not len(thrs) or not np.all(_in_unit(thrs)):
            raise ValueError(
                'Expected `cam_thrs` in [0, 1], fractions of the maximum of '
                f'the map, but got {cam_thrs}.'
            )
        levels = (thrs * image.max()).astype(np.int64)
        levels, self.level_of_thr = np.unique(levels, return_inverse=True)
        boxes = [contour_boxes(image, int(i), all_contours) for i in levels]
        ends = np.cumsum([len(group) for group in boxes])
        self.starts = np.concatenate([[0], ends[:-1]])
        self.boxes = np.concatenate(boxes)


def contour_boxes(
    image: np.ndarray, level: int, all_contours: bool = False
) -> np.ndarray:
    """Boxes of the pixels above one grey level, by one contour call.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        level (int): Grey level in 0..255.
        all_contours (bool): See :func:`boxes_from_map`.

    Returns:
        np.ndarray: Boxes, int64, shape (n, 4); one row of zeros if no pixel
        is above the level.
    """
    _, mask = cv2.threshold(image, level, 255, cv2.THRESH_BINARY)
    contours = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[
        -2
    ]
    if not contours:
        return np.zeros((1, 4), dtype=np.int64)
    if not all_contours:
        contours = [max(contours, key=cv2.contourArea)]
    boxes = np.array([cv2.boundingRect(contour) for contour in contours])
    boxes = boxes.astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def finish_boxes(
    boxes: np.ndarray,
    size: tuple[int, int],
    clip: bool,
    empty_box: Sequence[int],
) -> np.ndarray:
    """Fill in the box of levels without any, then clip to the image.

    Args:
        boxes (np.ndarray): Boxes xyxy, zeros where there is none, (R, 4).
        size (tuple[int, int]): Height and width of the map.
        clip (bool): Limit x1 and y1 to width - 1 and height - 1.
        empty_box (Sequence[int]): Box of a level without any.

    Returns:
        np.ndarray: Boxes, shape (R, 4).
    """
    empty = boxes[:, 2:3] == 0  # x1 of a real box is 1 or more
    if clip:
        height, width = size
        largest = (width, height, width - 1, height - 1)
        boxes = np.minimum(boxes, largest)
    return np.where(empty, np.asarray(empty_box), boxes)


def quantize(score_map: np.ndarray) -> np.ndarray:
    """Scores in [0, 1] to grey levels, ``score * 255`` truncated to uint8."""
    return (score_map * 255).astype(np.uint8)


def check_score_map(score_map: np.ndarray) -> np.ndarray:
    """The map as an array, if it is (H, W) with values in [0, 1]."""
    score_map = np.asarray(score_map)
    if score_map.ndim != 2 or not score_map.size:
        raise ValueError(
            'Expected a score map of shape (H, W), but got shape '
            f'{score_map.shape}.'
        )
    if not np.all(_in_unit(score_map)):
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


def _in_unit(values: np.ndarray) -> np.ndarray:
    return (values >= 0) & (values <= 1)  # False for NaN
