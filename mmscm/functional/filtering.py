"""Dynamic filtering of a diffused map (Sec. 3.2.4, Eq. 7)."""

from __future__ import annotations

from math import inf
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .maps import SMALLEST, low_and_span
from .tanh_shrink import tanh_shrink

MIN_BETA = 1e-6  # smallest |beta| that divides

_PLANE = (-2, -1)


def filter_diffused(
    diffused: Tensor, attention: Tensor, beta: Tensor | float
) -> Tensor:
    """Keep what diffusion made strong: minmax(tanhShrink(F^ / (beta max F))).

    The factor beta in front of Eq. 7 cancels in the min-max, without which
    the update is about 1e-3 and the block does nothing.

    Args:
        diffused (Tensor): F^, shape (B, H, W).
        attention (Tensor): F, the map before diffusion, not negative,
            shape (B, H, W).
        beta (Tensor | float): Filtering threshold, 0-d.

    Returns:
        Tensor: The update u in [0, 1], shape (B, H, W); zeros if F^ is
        constant, or everywhere smaller than ``SMALLEST``.
    """
    beta = torch.as_tensor(beta, dtype=diffused.dtype, device=diffused.device)
    scaled, largest = _Relative.apply(diffused, attention, beta)
    # cubes of small values would underflow
    return _MinMax.apply(tanh_shrink(scaled, largest.clamp(SMALLEST, 1)))


class _Relative(torch.autograd.Function):
    """F^ / (beta max F), and its largest magnitude in every image.

    |beta| counts as at least ``MIN_BETA`` and max F as at least ``SMALLEST``,
    without gradient where they do not. Maps smaller than that before or
    after the division become zeros.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, diffused: Tensor, attention: Tensor, beta: Tensor
    ) -> tuple[Tensor, Tensor]:
        top = attention.amax(_PLANE, keepdim=True).clamp_(min=SMALLEST)
        threshold = torch.copysign(beta.abs().clamp_(min=MIN_BETA), beta)
        divisor = threshold * top
        size = diffused.abs().amax(_PLANE, keepdim=True)
        largest = size / divisor.abs()
        divisor.masked_fill_(torch.minimum(size, largest) < SMALLEST, inf)
        scaled = diffused / divisor
        ctx.save_for_backward(scaled, divisor, attention, top, beta, threshold)
        ctx.mark_non_differentiable(largest)
        ctx.set_materialize_grads(False)
        return scaled, largest

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad: Tensor, _: None
    ) -> tuple[Tensor, Tensor, Tensor]:
        scaled, divisor, attention, top, beta, threshold = ctx.saved_tensors
        into_diffused = grad / divisor
        into_divisor = (
            (into_diffused * scaled).sum(_PLANE, keepdim=True).neg_()
        )
        into_beta = (into_divisor * top).sum() * (threshold == beta)
        into_top = into_divisor * threshold
        return into_diffused, _shared(attention == top, into_top), into_beta


class _MinMax(torch.autograd.Function):
    """:func:`min_max_normalize` with its adjoint in few launches."""

    @staticmethod
    def forward(ctx: FunctionCtx, maps: Tensor) -> Tensor:
        low, span = low_and_span(maps)
        normal = (maps - low).div_(span)
        ctx.save_for_backward(normal, span)
        return normal

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        # u = (s - low) / (high - low), where u = 0 at low and 1 at high
        normal, span = ctx.saved_tensors
        grad = grad / span
        into_high = (grad * normal).sum(_PLANE, keepdim=True)
        into_low = grad.sum(_PLANE, keepdim=True) - into_high
        grad -= _shared(normal == 1, into_high)
        return grad.sub_(_shared(normal == 0, into_low))


def _shared(places: Tensor, value: Tensor) -> Tensor:
    """A value for each image, in equal parts at all its places."""
    count = places.sum(_PLANE, keepdim=True).clamp_(min=1)
    return places * (value / count)
