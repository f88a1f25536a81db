"""Boxes of all thresholds of one map."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .box_sweep import all_boxes, largest_boxes

# Measured at 224 x 224: fewer levels cost less by a contour call each.
_SWEEP_FROM = 30


class ThresholdedMap:
    """Boxes of all thresholds of one map, each distinct level once.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        cam_thrs (Sequence[float]): T thresholds in [0, 1], fractions of the
            maximum of the map.
        all_contours (bool): Boxes of all contours, those around holes
            included, instead of the contour of largest polygon area.

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
        levels = _check_thresholds(cam_thrs) * image.max()
        levels, self.level_of_thr = np.unique(
            levels.astype(np.int64), return_inverse=True
        )
        if len(levels) < _SWEEP_FROM:
            boxes = [contour_boxes(image, i, all_contours) for i in levels]
            self.boxes = np.concatenate(boxes)
            self.starts = np.cumsum([0, *map(len, boxes[:-1])])
        elif all_contours:
            rows = all_boxes(image, levels)
            rows = rows[np.argsort(rows[:, 0], kind='stable')]
            self.boxes = rows[:, 1:]
            self.starts = np.searchsorted(rows[:, 0], np.arange(len(levels)))
        else:
            self.boxes, undecided = largest_boxes(image, levels)
            for i in np.flatnonzero(undecided):
                self.boxes[i] = contour_boxes(image, levels[i])[0]
            self.starts = np.arange(len(levels))


def contour_boxes(
    image: np.ndarray, level: int, all_contours: bool = False
) -> np.ndarray:
    """Boxes of the pixels above one grey level, by one contour call.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        level (int): Grey level in 0..255.
        all_contours (bool): See :class:`ThresholdedMap`.

    Returns:
        np.ndarray: Boxes, int64, shape (n, 4); one row of zeros if no pixel
        is above the level.
    """
    _, mask = cv2.threshold(image, int(level), 255, cv2.THRESH_BINARY)
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


def _check_thresholds(cam_thrs: Sequence[float]) -> np.ndarray:
    thrs = np.asarray(cam_thrs, dtype=np.float64)
    inside = (thrs >= 0) & (thrs <= 1)
    if thrs.ndim != 1 or not thrs.size or not inside.all():
        raise ValueError(
            'Expected `cam_thrs` in [0, 1], fractions of the maximum of the '
            f'map, but got {cam_thrs}.'
        )
    return thrs


def quantize(score_map: np.ndarray) -> np.ndarray:
    """Scores in [0, 1] to grey levels, ``score * 255`` truncated to uint8."""
    return np.ascontiguousarray(score_map * 255).astype(np.uint8)
