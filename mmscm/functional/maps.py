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

    A constant map becomes all zeros, with zero gradient, and so does one
    that spans less than ``SMALLEST``.

    Args:
        maps (Tensor): Maps, shape (..., H, W), floating point.

    Returns:
        Tensor: Values in [0, 1], same shape.
    """
    low, span = low_and_span(maps)
    return (maps - low) / span


def low_and_span(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Minimum of every map, and its maximum less the minimum.

    Args:
        maps (Tensor): Maps, shape (..., H, W), floating point.

    Returns:
        tuple[Tensor, Tensor]: Minimum and span, shape (..., 1, 1); a span
        of less than ``SMALLEST`` is infinite.
    """
    low = maps.amin((-2, -1), keepdim=True)
    span = maps.amax((-2, -1), keepdim=True) - low
    constant = span < max(SMALLEST, torch.finfo(maps.dtype).tiny)
    return low, span.masked_fill(constant, inf)


def power_of_two(magnitude: Tensor) -> Tensor:
    """The power of two next above every magnitude, without gradient.

    Dividing by it brings numbers of any size into [-1, 1] and changes no
    digit of them.

    Args:
        magnitude (Tensor): Any shape, not negative, float32 or float64.

    Returns:
        Tensor: Between ``SMALLEST`` and 1 / ``SMALLEST``, same shape.
    """
    inside = magnitude.detach().clamp(SMALLEST, 1 / SMALLEST / 2)
    return inside / torch.frexp(inside).mantissa


def at_least_float32(tensor: Tensor) -> Tensor:
    """Half precision as float32, where a mask or a ratio needs its digits."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


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
