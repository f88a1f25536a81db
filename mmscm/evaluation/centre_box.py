"""The null row: what a box in the middle of every image scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .fixed_boxes import fixed_box_rates


def best_centre_box(
    gt_bboxes: Sequence[np.ndarray], size: int, iou_thr: float = 0.5
) -> tuple[float, int]:
    """Best accuracy of one centred square, its side chosen with the truth.

    The square of side s is (int(a), int(a), min(int(a + s), size - 1), ...)
    with a = (size - s) / 2; IoU counts border pixels.

    Args:
        gt_bboxes (Sequence[np.ndarray]): Boxes of every image, xyxy in
            pixels of the network input, shape (M, 4); truncated to integers.
        size (int): Side of the square network input, pixels.
        iou_thr (float): An image counts with IoU >= this to any of its
            boxes.

    Returns:
        tuple[float, int]: Accuracy in percent and the side in pixels.

    Raises:
        ValueError: If an image has no box.
    """
    squares = [centre_box(side, size) for side in range(1, size + 1)]
    squares = np.concatenate(squares)
    rates = fixed_box_rates(squares, gt_bboxes, (iou_thr,))[:, 0]
    best = int(rates.argmax())
    return float(rates[best]), best + 1


def centre_box(side: int, size: int) -> np.ndarray:
    """The centred square, xyxy pixels, shape (1, 4)."""
    low = (size - side) / 2
    first, last = int(low), min(int(low + side), size - 1)
    return np.array([[first, first, last, last]])
