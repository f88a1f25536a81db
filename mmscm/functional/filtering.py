"""Dynamic filtering of a diffused map (Sec. 3.2.4, Eq. 7)."""

from __future__ import annotations

import torch
from torch import Tensor

from .maps import SMALLEST, min_max_normalize, power_of_two
from .tanh_shrink import tanh_shrink

MIN_BETA = 1e-6  # smallest |beta| that divides


def filter_diffused(
    diffused: Tensor, attention: Tensor, beta: Tensor | float
) -> Tensor:
    """Keep what diffusion made strong: minmax(tanhShrink(F^ / (beta max F))).

    The factor beta in front of Eq. 7 cancels in the min-max, without which
    the update is about 1e-3 and the block does nothing.

    Args:
        diffused (Tensor): F^, shape (B, H, W).
        attention (Tensor): F, the map before diffusion, shape (B, H, W).
        beta (Tensor | float): Filtering threshold, 0-d.

    Returns:
        Tensor: The update u in [0, 1], shape (B, H, W); zeros if F^ is
        constant, or everywhere smaller than ``SMALLEST``.
    """
    top = _at_least(SMALLEST, attention.amax((-2, -1), keepdim=True))
    beta = torch.as_tensor(beta, dtype=top.dtype, device=top.device)
    scaled = diffused / (_at_least(MIN_BETA, beta) * top)
    largest = _magnitude(scaled)
    counts = torch.minimum(largest, _magnitude(diffused)) >= SMALLEST
    # cubes of small values would underflow
    unit = power_of_two(largest).clamp(max=1)
    shrunk = tanh_shrink(torch.where(counts, scaled, 0), unit)
    return min_max_normalize(shrunk)


def _magnitude(maps: Tensor) -> Tensor:
    return maps.detach().abs().amax((-2, -1), keepdim=True)


def _at_least(size: float, values: Tensor) -> Tensor:
    """Values at least that far from zero, on their side of it."""
    sign = torch.where(values < 0, -1.0, 1.0).to(values)
    return torch.where(values.abs() < size, sign * size, values)
