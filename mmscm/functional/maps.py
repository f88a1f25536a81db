"""Elementary operations on score maps."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def min_max_normalize(maps: Tensor) -> Tensor:
    """Scale every map to [0, 1] by its own minimum and maximum.

    A constant map becomes all zeros, with zero gradient.

    Args:
        maps (Tensor): Maps, shape (..., H, W), floating point.

    Returns:
        Tensor: Values in [0, 1], same shape.
    """
    low = maps.amin((-2, -1), keepdim=True)
    spread = maps.amax((-2, -1), keepdim=True) - low
    varies = spread >= torch.finfo(maps.dtype).tiny
    return (maps - low) / torch.where(varies, spread, 1) * varies


def resize_maps(
    maps: Tensor, size: tuple[int, int], mode: str = 'bilinear'
) -> Tensor:
    """Resize maps to pixels of the image (``align_corners=False``).

    Args:
        maps (Tensor): Maps at patch resolution, shape (..., H, W).
        size (tuple[int, int]): Height and width of the image in pixels.
        mode (str): 'bilinear' or 'bicubic'.

    Returns:
        Tensor: Resized maps, shape (..., *size).
    """
    *lead, height, width = maps.shape
    planes = maps.reshape(1, -1, height, width)
    resized = F.interpolate(planes, size=size, mode=mode, align_corners=False)
    return resized.reshape(*lead, *size)
