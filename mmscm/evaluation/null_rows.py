"""Score boxes in the middle of every image, which need no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mmscm.functional.boxes import boxes_from_map, pairwise_iou

from .score import V2_IOU_THRS

_STEP = 0.001  # of the grid of thresholds of the Gaussian


class GaussianRow(NamedTuple):
    """What the bump scores, in percent, each value at its best threshold."""

    max_box_acc: float  # at IoU 0.5, any of an image's boxes counts
    max_box_acc_v2: float  # mean over the IoU bounds 0.3, 0.5 and 0.7
    # At IoU 0.5 with the first box of an image only, which gives the
    # published 59.7 (CUB) and 52.5 (ILSVRC).
    first_box: float


def best_centre_box(
    gt_bboxes: Sequence[np.ndarray], size: int, iou_thr: float = 0.5
) -> tuple[float, int]:
    """Percent and side of the best centred square, chosen with the truth.

    ``gt_bboxes`` are those of every image, xyxy in pixels of the network
    input, shape (M, 4), truncated to integers; ``size`` is the side of that
    square input and the result in pixels, too.
    """
    squares = np.concatenate([centre_box(n + 1, size) for n in range(size)])
    rates = fixed_box_rates(squares, gt_bboxes, (iou_thr,))[:, 0]
    return float(rates.max()), int(rates.argmax()) + 1


def centre_box(side: int, size: int) -> np.ndarray:
    """The centred square, truncated to xyxy in pixels, shape (1, 4)."""
    low = (size - side) / 2
    first, last = int(low), min(int(low + side), size - 1)
    return np.array([[first, first, last, last]])


def gaussian_row(gt_bboxes: Sequence[np.ndarray], size: int) -> GaussianRow:
    """Score a Gaussian bump; arguments as of :func:`best_centre_box`."""
    found = boxes_from_map(centre_gaussian(size), np.arange(0, 1, _STEP))
    squares = np.unique(np.concatenate(found), axis=0)
    rates = fixed_box_rates(squares, gt_bboxes, V2_IOU_THRS).max(0)
    first = fixed_box_rates(squares, [boxes[:1] for boxes in gt_bboxes]).max()
    return GaussianRow(float(rates[1]), float(rates.mean()), float(first))


def centre_gaussian(size: int) -> np.ndarray:
    """Isotropic Gaussian around pixel ``size // 2``, scaled to [0, 1].

    Its boxes are centred squares whatever its width is; a quarter of
    ``size`` here, which decides how densely thresholds sample their sides.
    """
    squared = (np.arange(size) - size // 2) ** 2
    bump = np.exp(-(squared[:, None] + squared) / (2 * (size / 4) ** 2))
    return (bump - bump.min()) / (bump.max() - bump.min())


def fixed_box_rates(
    boxes: np.ndarray,
    gt_bboxes: Sequence[np.ndarray],
    iou_thrs: Sequence[float] = (0.5,),
) -> np.ndarray:
    """Percent (K, T) of the images in which a fixed box is good.

    Boxes (K, 4) are xyxy in whole pixels, ``gt_bboxes`` those of
    :func:`best_centre_box`. An image counts with IoU, border pixels counted,
    of at least one of the T bounds to any of its boxes.
    """
    counts = np.array([len(boxes) for boxes in gt_bboxes])
    if not len(counts) or not counts.all():
        raise ValueError(
            'Expected at least one image and a box in each, but got '
            f'{len(counts)} images, {np.sum(counts == 0)} of them without.'
        )
    truth = np.concatenate(gt_bboxes).astype(np.int64)
    starts, bounds = np.cumsum(counts) - counts, np.array(iou_thrs)[:, None]
    rates = []
    for box in np.asarray(boxes):
        ious = pairwise_iou(box[None], truth, inclusive=True)[0]
        best = np.maximum.reduceat(ious, starts)  # (images,)
        rates.append(100 * (best >= bounds).mean(1))
    return np.array(rates)
