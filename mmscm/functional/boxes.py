"""Find the boxes of thresholded score maps and compare boxes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np

from .box_sweep import sweep_all, sweep_largest

# Measured at 224 x 224: fewer levels cost less by a contour call each.
_SWEEP_FROM = 30


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
    cut = ThresholdedMap(quantize(score_map), cam_thrs)
    found = cut.all_contours if all_contours else cut.largest
    boxes = finish_boxes(found.boxes, score_map.shape, clip, empty_box)
    per_level = np.split(boxes, found.starts[1:])
    return [per_level[i] for i in found.level_of_thr]


def quantize(score_map: np.ndarray) -> np.ndarray:
    """Scores in [0, 1] to grey levels, ``score * 255`` truncated to uint8."""
    return np.ascontiguousarray(score_map * 255).astype(np.uint8)


class LevelBoxes(NamedTuple):
    """Boxes of all thresholds of a map, each distinct grey level once.

    They are xyxy with x1 and y1 outside; zeros are a level without boxes.
    """

    boxes: np.ndarray  # of all levels in a row, shape (R, 4)
    starts: np.ndarray  # first row of each level, shape (L,)
    level_of_thr: np.ndarray  # level of each threshold, shape (T,)


class ThresholdedMap:
    """A grey map, uint8, shape (H, W), cut at thresholds in [0, 1].

    By a sweep if there are many; they are fractions of its maximum.
    """

    def __init__(
        self, image: np.ndarray, cam_thrs: Sequence[float] | np.ndarray
    ) -> None:
        self.image = image
        levels = (_check_thresholds(cam_thrs) * image.max()).astype(np.int64)
        self.levels, self.level_of_thr = np.unique(levels, return_inverse=True)

    @cached_property
    def largest(self) -> LevelBoxes:
        """The contour of largest polygon area, one box a level."""
        if len(self.levels) < _SWEEP_FROM:
            return self._by_contours(all_contours=False)
        boxes, undecided = sweep_largest(self.image, self.levels)
        for i in np.flatnonzero(undecided):
            boxes[i] = contour_boxes(self.image, int(self.levels[i]))[0]
        starts = np.arange(len(self.levels))
        return LevelBoxes(boxes, starts, self.level_of_thr)

    @cached_property
    def all_contours(self) -> LevelBoxes:
        """All contours, those around holes included."""
        if len(self.levels) < _SWEEP_FROM:
            return self._by_contours(all_contours=True)
        empty = np.flatnonzero(self.levels >= self.image.max())
        none = np.pad(empty[:, None], ((0, 0), (0, 4)))
        rows = np.concatenate([sweep_all(self.image, self.levels), none])
        rows = rows[np.argsort(rows[:, 0], kind='stable')]
        starts = np.searchsorted(rows[:, 0], np.arange(len(self.levels)))
        return LevelBoxes(rows[:, 1:], starts, self.level_of_thr)

    def _by_contours(self, all_contours: bool) -> LevelBoxes:
        levels = self.levels.tolist()
        boxes = [contour_boxes(self.image, n, all_contours) for n in levels]
        starts = np.cumsum([0, *map(len, boxes[:-1])])
        return LevelBoxes(np.concatenate(boxes), starts, self.level_of_thr)


def contour_boxes(
    image: np.ndarray, level: int, all_contours: bool = False
) -> np.ndarray:
    """Boxes of the pixels above one grey level, by one contour call.

    Returns:
        np.ndarray: Boxes, int64, shape (n, 4), or of the largest contour;
        one row of zeros if no pixel is above the level.
    """
    _, mask = cv2.threshold(image, level, 255, cv2.THRESH_BINARY)
    modes = cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE
    contours, _ = cv2.findContours(mask, *modes)
    if not contours:
        return np.zeros((1, 4), np.int64)
    if not all_contours:
        contours = [max(contours, key=cv2.contourArea)]
    boxes = np.array([*map(cv2.boundingRect, contours)], np.int64)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def component_boxes(
    score_map: np.ndarray, cam_thrs: Sequence[float] | np.ndarray
) -> LevelBoxes:
    """Boxes of the largest 8-connected parts of a map, counted in pixels.

    What is above a threshold, in [0, 1], of the scores (H, W) themselves
    belongs to the object; zeros are the box if nothing is.
    """
    thrs = _check_thresholds(cam_thrs)
    boxes = np.zeros((len(thrs), 4), np.int64)
    for i, thr in enumerate(thrs):
        mask = (score_map > thr).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        parts = stats[1:]  # x, y, width, height, pixels; first the background
        if len(parts):
            x, y, width, height, _ = parts[parts[:, 4].argmax()]
            boxes[i] = x, y, x + width, y + height
    each = np.arange(len(thrs))
    return LevelBoxes(boxes, each, each)


def finish_boxes(
    boxes: np.ndarray,
    size: tuple[int, int],
    clip: bool,
    empty_box: Sequence[int],
) -> np.ndarray:
    """Fill in the box of levels without any, then clip to the image.

    Boxes (R, 4) are xyxy, zeros where there is none; ``size`` is height and
    width of the map. Else see :func:`boxes_from_map`.
    """
    empty = boxes[:, 2:3] == 0  # x1 of a real box is 1 or more
    if clip:
        height, width = size
        boxes = np.minimum(boxes, (width, height, width - 1, height - 1))
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


def pairwise_iou(
    boxes_a: np.ndarray, boxes_b: np.ndarray, inclusive: bool = False
) -> np.ndarray:
    """Intersection over union of boxes (A, 4) and (B, 4), xyxy, in pixels.

    Args:
        boxes_a (np.ndarray): A boxes.
        boxes_b (np.ndarray): B boxes.
        inclusive (bool): Count border pixels, so that a box is
            x1 - x0 + 1 wide, as the WSOL evaluators do.

    Returns:
        np.ndarray: In [0, 1], float64, (A, B); 0 if both boxes are empty.
    """
    intersection = intersection_areas(boxes_a, boxes_b, inclusive)
    area_a = box_areas(boxes_a, inclusive)[:, None]
    union = area_a + box_areas(boxes_b, inclusive) - intersection
    return intersection / np.where(union > 0, union, 1)


def intersection_areas(
    boxes_a: np.ndarray, boxes_b: np.ndarray, inclusive: bool = False
) -> np.ndarray:
    """Area in pixels that two boxes share; as `pairwise_iou`, (A, B)."""
    left, top, right, bottom = _columns(boxes_a)[..., None]
    x0, y0, x1, y1 = _columns(boxes_b)
    width = np.minimum(right, x1) - np.maximum(left, x0) + inclusive
    height = np.minimum(bottom, y1) - np.maximum(top, y0) + inclusive
    return np.maximum(width, 0) * np.maximum(height, 0)


def box_areas(boxes: np.ndarray, inclusive: bool = False) -> np.ndarray:
    """Area in pixels of boxes xyxy, shape (A, 4) -> (A,)."""
    x0, y0, x1, y1 = _columns(boxes)
    width, height = x1 - x0 + inclusive, y1 - y0 + inclusive
    return np.maximum(width, 0) * np.maximum(height, 0)


def _columns(boxes: np.ndarray) -> np.ndarray:
    boxes = np.asarray(boxes, dtype=np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f'Expected boxes of shape (n, 4), but got shape {boxes.shape}.'
        )
    return boxes.T
