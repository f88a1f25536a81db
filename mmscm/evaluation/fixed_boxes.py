"""Accuracy of boxes that are the same in every image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def fixed_box_rates(
    boxes: np.ndarray,
    gt_bboxes: Sequence[np.ndarray],
    iou_thrs: Sequence[float] = (0.5,),
) -> np.ndarray:
    """Share of the images in which a fixed box is good.

    Args:
        boxes (np.ndarray): K candidates, xyxy in whole pixels of the
            network input, shape (K, 4).
        gt_bboxes (Sequence[np.ndarray]): Boxes of every image, xyxy in
            pixels of the network input, shape (M, 4); truncated to integers.
        iou_thrs (Sequence[float]): T bounds; an image counts with IoU >= it
            to any of its boxes. IoU counts border pixels.

    Returns:
        np.ndarray: Percent, shape (K, T).

    Raises:
        ValueError: If an image has no box.
    """
    counts = np.array([len(boxes) for boxes in gt_bboxes])
    if not len(counts) or not counts.all():
        raise ValueError(
            'Expected at least one image and a box in each, but got '
            f'{len(counts)} images, {np.sum(counts == 0)} of them without.'
        )
    truth = np.concatenate(gt_bboxes).astype(np.int64).T  # (4, all boxes)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    bounds = np.array(iou_thrs)[:, None]
    rates = []
    for box in np.asarray(boxes, dtype=np.int64).tolist():
        best = np.maximum.reduceat(_ious(box, truth), starts)  # (images,)
        rates.append(100 * (best >= bounds).mean(1))
    return np.array(rates)


# `pairwise_iou` costs 20 times as much where one side is a single box.
def _ious(box: list[int], truth: np.ndarray) -> np.ndarray:
    """Inclusive IoU of one box with boxes (4, M), shape (M,)."""
    x0, y0, x1, y1 = box
    left, top, right, bottom = truth
    width = np.minimum(right, x1) - np.maximum(left, x0) + 1
    height = np.minimum(bottom, y1) - np.maximum(top, y0) + 1
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    areas = (right - left + 1) * (bottom - top + 1)
    return shared / (areas + (x1 - x0 + 1) * (y1 - y0 + 1) - shared)
