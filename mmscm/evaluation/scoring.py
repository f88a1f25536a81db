"""From the map of a class to its best IoU at every threshold."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from mmscm.functional.box_thresholds import (
    LevelBoxes,
    ThresholdedMap,
    finish_boxes,
    quantize,
)
from mmscm.functional.boxes import pairwise_iou

from .protocols import Protocol
from .sample import SampleView

_RESIZE_MODES = {'bilinear': cv2.INTER_LINEAR, 'bicubic': cv2.INTER_CUBIC}


class MapKey(NamedTuple):
    """What the boxes of a map depend on, hashable."""

    patch_map: bytes
    dtype: str
    shape: tuple[int, int]
    size: tuple[int, int]
    resize_mode: str
    cam_thrs: bytes

    def grey_map(self) -> np.ndarray:
        """Score map, uint8, at the size of the network input."""
        patch_map = np.frombuffer(self.patch_map, self.dtype)
        patch_map = patch_map.reshape(self.shape)
        return quantize(score_map_from(patch_map, self.size, self.resize_mode))


def best_ious(
    sample: SampleView,
    label: int,
    protocol: Protocol,
    cam_thrs: np.ndarray,
    all_contours: bool = False,
) -> np.ndarray:
    """Largest IoU of any found box with any true box.

    Args:
        sample (SampleView): Prediction and ground truth of an image.
        label (int): Class whose localization map is scored.
        protocol (Protocol): How boxes are made and compared.
        cam_thrs (np.ndarray): T thresholds, float64.
        all_contours (bool): Boxes of all contours instead of the largest.

    Returns:
        np.ndarray: IoU at each threshold, shape (T,).
    """
    found = _level_boxes(sample, label, protocol, cam_thrs, all_contours)
    true_boxes = protocol.true_boxes(sample.gt_bboxes, sample.img_shape)
    ious = pairwise_iou(found.boxes, true_boxes, inclusive=True).max(1)  # (R,)
    return np.maximum.reduceat(ious, found.starts)[found.level_of_thr]


def found_boxes(
    sample: SampleView, label: int, protocol: Protocol, cam_thrs: np.ndarray
) -> np.ndarray:
    """Box of the largest contour at each threshold, xyxy, shape (T, 4)."""
    found = _level_boxes(sample, label, protocol, cam_thrs)
    return found.boxes[found.level_of_thr]


def _level_boxes(
    sample: SampleView,
    label: int,
    protocol: Protocol,
    cam_thrs: np.ndarray,
    all_contours: bool = False,
) -> LevelBoxes:
    """Boxes of one class of an image, as the protocol has them."""
    patch_map, size = sample.patch_map(label), sample.img_shape
    key = MapKey(
        patch_map.tobytes(),
        patch_map.dtype.str,
        patch_map.shape,
        size,
        protocol.resize_mode,
        cam_thrs.tobytes(),
    )
    found = _thresholded(key)
    found = (
        found.all_contours(key.grey_map()) if all_contours else found.largest
    )
    boxes = finish_boxes(
        found.boxes, size, protocol.clip_boxes, protocol.empty_box
    )
    return found._replace(boxes=boxes)


# The metrics of one evaluator score the same maps, one metric after the
# other, a batch at a time: 2048 maps are those of 256 images or more.
@lru_cache(maxsize=2048)
def _thresholded(key: MapKey) -> ThresholdedMap:
    thrs = np.frombuffer(key.cam_thrs, np.float64)
    return ThresholdedMap(key.grey_map(), thrs)


def score_map_from(
    patch_map: np.ndarray, size: tuple[int, int], resize_mode: str
) -> np.ndarray:
    """Score map in [0, 1] at the size of the network input.

    Resized by OpenCV as the released evaluators do: torch's last bits
    differ, which moves pixels between the bins of PxAP.

    Args:
        patch_map (np.ndarray): Localization map, shape (h, w).
        size (tuple[int, int]): Height and width of the input in pixels.
        resize_mode (str): 'bilinear' or 'bicubic'.

    Returns:
        np.ndarray: Scores, shape ``size``; zeros if the map is constant.
    """
    height, width = size
    resized = cv2.resize(
        patch_map, (width, height), interpolation=_RESIZE_MODES[resize_mode]
    )
    scores = resized - resized.min()
    spread = scores.max()
    return scores / spread if spread > 0 else scores
