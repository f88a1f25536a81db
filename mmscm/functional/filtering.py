"""Dynamic filtering of a diffused map (Sec. 3.2.4, Eq. 7)."""

from __future__ import annotations

import torch
from torch import Tensor

from .maps import min_max_normalize
from .tanh_shrink import tanh_shrink

# Smallest |beta max(F)| that divides; only beta near 0 or a map of zeros
# comes below it.
MIN_SCALE = 1e-6


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
        constant.
    """
    scale = beta * attention.amax((-2, -1), keepdim=True)
    sign = torch.where(scale < 0, -1.0, 1.0).to(scale)
    scale = torch.where(scale.abs() < MIN_SCALE, sign * MIN_SCALE, scale)
    return min_max_normalize(tanh_shrink(diffused / scale))
