"""Find one object in an image's patch features without any training."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

WEAK_EDGE = 1e-5  # TokenCut: weight of two patches that are not alike


class Discovery(NamedTuple):
    """An object as patches of the grid.

    ``score`` (H, W) is how much each patch belongs to it, of which only the
    order has a meaning, ``mask`` (H, W) the patches that do, maybe of several
    objects, ``seed`` one that lies in it, row * W + column.
    """

    score: Tensor
    mask: Tensor
    seed: int


def lost(keys: Tensor, grid: tuple[int, int], num_patches: int) -> Discovery:
    """LOST (Simeoni et al., BMVC 2021): patches that few others are like.

    With A = K K^T, two patches are alike if A > 0. The seed is the patch that
    is like the fewest others; of the ``num_patches`` such patches those like
    the seed speak for the object, and a patch belongs to it if the sum of its
    similarities with them, the score, is positive.

    Differs from the released code: equal counts keep the order of the
    patches, there it is left to the sort.

    Args:
        keys (Tensor): Keys of the last attention, heads side by side, shape
            (H W, D), not normalised.
        grid (tuple[int, int]): (H, W).
        num_patches (int): How many of the least connected patches may speak.
    """
    similarity = keys @ keys.mT
    degree = (similarity > 0).sum(1)  # its own included: the same order
    scarce = degree.argsort(stable=True)[:num_patches]
    seed = int(scarce[0])
    speakers = scarce[similarity[seed, scarce] > 0]
    score = similarity[speakers].sum(0).unflatten(0, grid)
    return Discovery(score, score > 0, seed)


def token_cut(keys: Tensor, grid: tuple[int, int], tau: float) -> Discovery:
    """TokenCut (Wang et al., CVPR 2022): a normalised cut of the patches.

    Edges weigh 1 where the cosine of two keys is above ``tau`` and 1e-5
    elsewhere. The second eigenvector of (D - E) v = lambda D v, v^T D v = 1,
    is the score, larger on the object: it is cut at its mean, and the side
    that holds its largest magnitude is the object.

    Args:
        keys (Tensor): See :func:`lost`; of any length.
        grid (tuple[int, int]): (H, W).
        tau (float): Bound of the cosine: 0.2 of the released script for
            objects, 0.05 of that for localization.
    """
    keys = F.normalize(keys, dim=-1)
    edges = torch.where(keys @ keys.mT > tau, 1.0, WEAK_EDGE).double()
    scale = edges.sum(1).rsqrt()  # D^-1/2
    # D^-1/2 (D - E) D^-1/2 is 1 less this matrix: its second *largest* value
    _, vectors = torch.linalg.eigh(scale[:, None] * edges * scale)
    vector = scale * vectors[:, -2]
    size = vector.abs()
    # patches with the same neighbours differ by rounding only: the first
    seed = int((size > (1 - 1e-9) * size.max()).int().argmax())
    if vector[seed] <= vector.mean():
        vector = -vector
    score = vector.unflatten(0, grid)
    return Discovery(score, score > score.mean(), seed)


def component_box(
    mask: np.ndarray, seed: int | None = None, connectivity: int = 4
) -> tuple[int, int, int, int] | None:
    """Box around one connected part of a mask.

    Args:
        mask (np.ndarray): Booleans, shape (H, W).
        seed (int, optional): Cell of the part, row * W + column. Default is
            the part of most cells.
        connectivity (int): 4, or 8 with diagonals.

    Returns:
        tuple[int, int, int, int] | None: (x0, y0, x1, y1) in cells, the last
        ones outside; None where the mask, or the seed in it, is empty.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=connectivity
    )
    areas = stats[:, cv2.CC_STAT_AREA] * (np.arange(len(stats)) > 0)
    part = areas.argmax() if seed is None else labels.flat[seed]
    if part == 0:  # the background
        return None
    left, top, width, height = stats[part, :4].tolist()
    return left, top, left + width, top + height
