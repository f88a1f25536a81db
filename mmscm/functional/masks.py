"""Choose the mask of an image that fits its localization map."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from .maps import min_max_normalize


def best_mask(
    masks: Tensor, score_map: Tensor, bound: float = 0.2
) -> tuple[int, float]:
    """The mask of largest IoU with a map (Pro2SAM, ECCV 2024).

    Masks are reduced to the grid of the map; a cell is in a mask if any part
    of it is (bilinear, above 0), and in the map if its score is above the
    bound.

    Args:
        masks (Tensor): Of any segmenter, bool, shape (M, H_img, W_img).
        score_map (Tensor): Localization map at patch resolution, shape
            (H, W).
        bound (float): Fraction of the map's range.

    Returns:
        tuple[int, float]: Number of the mask and its IoU; the first of
        equals.
    """
    if masks.ndim != 3 or not masks.numel():
        raise ValueError(
            'Expected masks of shape (M, H, W), but got shape '
            f'{tuple(masks.shape)}.'
        )
    reduced = F.interpolate(
        masks[None].float(), size=score_map.shape, mode='bilinear'
    )
    inside = reduced[0] > 0  # (M, H, W)
    wanted = min_max_normalize(score_map) > bound
    shared = (inside & wanted).sum((1, 2))
    ious = shared / (inside | wanted).sum((1, 2)).clamp(min=1)
    best = int(ious.argmax())
    return best, float(ious[best])
