"""Elementary operations on score maps."""

from __future__ import annotations

from math import inf

import torch
import torch.nn.functional as F
from torch import Tensor

# Smaller numbers count as zero (about 8e-31): where they divide, gradients
# stay within the range of float32.
SMALLEST = 2.0**-100


def min_max_normalize(maps: Tensor) -> Tensor:
    """Scale every map to [0, 1] by its own minimum and maximum.

    A map that spans ``SMALLEST`` or less, such as a constant one, becomes all
    zeros, with zero gradient.

    Args:
        maps (Tensor): Maps, shape (..., H, W), floating point.
    """
    low = maps.amin((-2, -1), keepdim=True)
    span = maps.amax((-2, -1), keepdim=True) - low
    return (maps - low) / F.threshold(span, SMALLEST, inf)


def class_planes(maps: Tensor, labels: Tensor) -> Tensor:
    """The map of one class of each image, (B, C, H, W) to (B, H, W)."""
    return maps[torch.arange(len(labels)), labels]


def below_peak(features: Tensor, thr: float) -> Tensor:
    """Where the mean over channels is below a part of its maximum.

    Of features (B, D, H, W), ``thr`` being a fraction of the maximum of each
    image; bool, shape (B, 1, H, W).
    """
    mean = at_least_float32(features.detach()).mean(1, keepdim=True)
    return mean < thr * mean.amax((-2, -1), keepdim=True)


def at_least_float32(tensor: Tensor) -> Tensor:
    """Half precision as float32, where a mask or a ratio needs its digits."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def resize_maps(
    maps: Tensor, size: tuple[int, int], mode: str = 'bilinear'
) -> Tensor:
    """Resize maps (..., H, W) to pixels of the image, (..., *size).

    With ``align_corners=False``; ``mode`` is 'bilinear' or 'bicubic'.
    """
    *lead, height, width = maps.shape
    planes = maps.reshape(1, -1, height, width)
    resized = F.interpolate(planes, size=size, mode=mode, align_corners=False)
    return resized.reshape(*lead, *size)
