"""SAT's terms: the map covers a given area and is either 0 or 1."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mmscm.registry import MODELS

from .regularizer import Regularizer, Step


@MODELS.register_module()
class AreaConstraint(Regularizer):
    """Area and smoothness of the attention map (Wu et al., ICCV 2023).

    |mean M - area| + mean (1 - K M) K M, with the means over all patches of
    the batch and K a Gaussian-like average over 3 x 3 patches. With several
    GPUs the mean is that of each GPU's images.

    Args:
        area (float): Part of the image that objects cover on average, in
            (0, 1).
    """

    def __init__(self, area: float) -> None:
        super().__init__()
        if not 0 < area < 1:
            raise ValueError(f'Expected `area` in (0, 1), but got {area}.')
        self.area = area
        self.register_buffer('kernel', gaussian_kernel(), persistent=False)

    def forward(self, step: Step) -> dict[str, Tensor]:
        """Both terms; the attention map (B, H, W) is in (0, 1)."""
        maps = step.attention[:, None]
        smooth = F.conv2d(maps, self.kernel.to(maps.dtype), padding=1)
        return dict(
            loss_area=(maps.mean() - self.area).abs(),
            loss_norm=((1 - smooth) * smooth).mean(),
        )


def gaussian_kernel() -> Tensor:
    """Square roots of the normal distribution's mass in three cells.

    Cells lie centred on -6, 0 and 6 sigmas, each 13 / 3 wide. Sum 1,
    float64, shape (1, 1, 3, 3).
    """
    last = 6 + 13 / 6
    edges = torch.linspace(-last, last, 4, dtype=torch.float64)
    side = torch.erf(edges / math.sqrt(2)).diff().sqrt()
    kernel = side.outer(side)
    return (kernel / kernel.sum())[None, None]
