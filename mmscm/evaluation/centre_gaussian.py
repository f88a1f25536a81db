"""The null row as a score map: a bump in the middle of every image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mmscm.functional.boxes import boxes_from_map

from .fixed_boxes import fixed_box_rates

_STEP = 0.001  # of the grid of thresholds


class GaussianRow(NamedTuple):
    """What the bump scores, in percent, each value at its best threshold.

    Attributes:
        max_box_acc (float): At IoU 0.5, any of an image's boxes counts.
        max_box_acc_v2 (float): Mean over the IoU bounds 0.3, 0.5 and 0.7.
        first_box (float): At IoU 0.5 with the first box of an image only,
            which gives the published 59.7 (CUB) and 52.5 (ILSVRC).
    """

    max_box_acc: float
    max_box_acc_v2: float
    first_box: float


def centre_gaussian(size: int, sigma: float | None = None) -> np.ndarray:
    """Isotropic Gaussian around pixel ``size // 2``, scaled to [0, 1].

    Its boxes are centred squares whatever ``sigma`` is; that only decides
    how densely a grid of thresholds samples their sides.

    Args:
        size (int): Side of the square network input, pixels.
        sigma (float, optional): Standard deviation, pixels. Defaults to a
            quarter of ``size``.

    Returns:
        np.ndarray: Score map, float64, shape (size, size).
    """
    sigma = size / 4 if sigma is None else sigma
    squared = (np.arange(size) - size // 2) ** 2
    bump = np.exp(-(squared[:, None] + squared) / (2 * sigma**2))
    return (bump - bump.min()) / (bump.max() - bump.min())


def gaussian_row(
    gt_bboxes: Sequence[np.ndarray], size: int, sigma: float | None = None
) -> GaussianRow:
    """Score the bump against the boxes of a whole set.

    Args:
        gt_bboxes (Sequence[np.ndarray]): Boxes of every image, xyxy in
            pixels of the network input, shape (M, 4); truncated to integers.
        size (int): Side of the square network input, pixels.
        sigma (float, optional): See :func:`centre_gaussian`.

    Returns:
        GaussianRow: Percent.
    """
    thrs = np.arange(0, 1, _STEP)
    found = boxes_from_map(centre_gaussian(size, sigma), thrs)
    squares = np.unique(np.concatenate(found), axis=0)
    rates = fixed_box_rates(squares, gt_bboxes, (0.3, 0.5, 0.7)).max(0)
    first = [boxes[:1] for boxes in gt_bboxes]
    return GaussianRow(
        max_box_acc=float(rates[1]),
        max_box_acc_v2=float(rates.mean()),
        first_box=float(fixed_box_rates(squares, first).max()),
    )
