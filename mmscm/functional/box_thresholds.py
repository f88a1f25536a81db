"""Boxes of all thresholds of one map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from .box_sweep import sweep_holes, sweep_objects

# Measured at 224 x 224: fewer levels cost less by a contour call each.
_SWEEP_FROM = 30
# Noise has millions of objects; they are found again when asked for.
_MAX_ROWS = 2048


class LevelBoxes(NamedTuple):
    """Boxes of all thresholds of a map, each distinct level once.

    Attributes:
        boxes (np.ndarray): Boxes of all levels in a row, shape (R, 4), xyxy
            with x1 and y1 outside; zeros stand for a level without boxes.
        starts (np.ndarray): First row of each level, shape (L,).
        level_of_thr (np.ndarray): Level of each threshold, shape (T,).
    """

    boxes: np.ndarray
    starts: np.ndarray
    level_of_thr: np.ndarray


class ThresholdedMap:
    """A map cut at thresholds, by a sweep if there are many.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        cam_thrs (Sequence[float] | np.ndarray): T thresholds in [0, 1],
            fractions of the maximum of the map.

    Attributes:
        largest (LevelBoxes): The contour of largest polygon area of each.
    """

    def __init__(
        self, image: np.ndarray, cam_thrs: Sequence[float] | np.ndarray
    ) -> None:
        levels = (_check_thresholds(cam_thrs) * image.max()).astype(np.int64)
        present = np.zeros(256, np.bool_)
        present[levels] = True
        self.levels = np.flatnonzero(present)
        self.level_of_thr = present.cumsum()[levels] - 1
        if len(self.levels) < _SWEEP_FROM:
            self.objects = None
            largest = [contour_boxes(image, int(i)) for i in self.levels]
            self.largest = self._level_boxes(largest)
            return
        self.objects = sweep_objects(image, self.levels, _MAX_ROWS)
        boxes = self.objects.largest
        for i in np.flatnonzero(self.objects.undecided):
            boxes[i] = contour_boxes(image, int(self.levels[i]))[0]
        starts = np.arange(len(self.levels))
        self.largest = LevelBoxes(boxes, starts, self.level_of_thr)

    def all_contours(self, image: np.ndarray) -> LevelBoxes:
        """Boxes of all contours, those around holes included.

        Args:
            image (np.ndarray): The same map; it is not kept.

        Returns:
            LevelBoxes: Any number of boxes a level.
        """
        if self.objects is None:
            return self._level_boxes(
                [contour_boxes(image, int(i), True) for i in self.levels]
            )
        objects = self.objects
        if not objects.complete:
            objects = sweep_objects(image, self.levels)
        found = sweep_holes(image, self.levels, objects.holes)
        empty = np.flatnonzero(objects.largest[:, 2] == 0)
        none = np.zeros((len(empty), 5), np.int64)
        none[:, 0] = empty
        rows = np.concatenate([objects.rows, found, none])
        rows = rows[np.argsort(rows[:, 0], kind='stable')]
        starts = np.searchsorted(rows[:, 0], np.arange(len(self.levels)))
        return LevelBoxes(rows[:, 1:], starts, self.level_of_thr)

    def _level_boxes(self, boxes: list[np.ndarray]) -> LevelBoxes:
        starts = np.cumsum([0, *map(len, boxes[:-1])])
        return LevelBoxes(np.concatenate(boxes), starts, self.level_of_thr)


def contour_boxes(
    image: np.ndarray, level: int, all_contours: bool = False
) -> np.ndarray:
    """Boxes of the pixels above one grey level, by one contour call.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        level (int): Grey level in 0..255.
        all_contours (bool): Boxes of all contours, those around holes
            included, instead of the one of largest polygon area.

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


def _check_thresholds(cam_thrs: Sequence[float] | np.ndarray) -> np.ndarray:
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
