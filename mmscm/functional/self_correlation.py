"""Which patches are alike, and what those of a class's map are like."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .maps import min_max_normalize


def self_correlation(
    features: Tensor,
    first_thr: float,
    second_thr: float,
    second_weight: float,
) -> Tensor:
    """First and second order self-correlation (SPA, CVPR 2021).

    The first is the cosine of two patches; the second goes over a third
    patch, and counts from a multiple of the mean on.

    Args:
        features (Tensor): Feature maps, shape (B, D, H, W).
        first_thr (float): Smaller cosines are zero.
        second_thr (float): Smallest second order, times H W.
        second_weight (float): Of it, before the larger of both is taken.

    Returns:
        Tensor: Columns of sum 1, shape (B, H W, H W); column j is of patch j.
    """
    patches = F.normalize(features.flatten(2), dim=1)
    cosine = patches.mT @ patches
    cosine = cosine * (cosine >= max(first_thr, 0))
    itself = torch.eye(cosine.shape[-1]).to(cosine)
    step = _columns(cosine * (1 - itself), 1e-5)
    second = _columns(step @ step)
    second = second * (second >= second_thr / cosine.shape[-1])
    first = _columns(cosine, 1e-5)
    return _columns(torch.maximum(first, second_weight * second))


def correlated_maps(
    correlation: Tensor, maps: Tensor, object_thr: float, background_thr: float
) -> Tensor:
    """What is like the object of a map and not like its background, in [0, 1].

    The object of class activation maps (B, C, H, W) is from ``object_thr`` of
    a map's maximum on, the background up to ``background_thr``; correlation
    (B, H W, H W) is as above.
    """
    grid = maps.shape[-2:]
    seeds = min_max_normalize(maps.relu()).flatten(2)  # (B, C, H W)
    likeness = min_max_normalize(correlation.mT.unflatten(2, grid)).flatten(2)
    inside, outside = (
        min_max_normalize((seed.to(likeness) @ likeness).unflatten(2, grid))
        for seed in (seeds >= object_thr, seeds <= background_thr)
    )
    return min_max_normalize((inside - outside).relu())


def _columns(values: Tensor, eps: float = 1e-10) -> Tensor:
    return values / (values.sum(-2, keepdim=True) + eps)
