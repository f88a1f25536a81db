"""Filtering of diffused activation (Sec. 3.2.4, Eq. 7)."""

from __future__ import annotations

from math import inf
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .maps import SMALLEST

MIN_BETA = 1e-6  # smallest |beta| that divides
MIN_TOP = 2.0**-60  # smallest max F that divides


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
        constant, or less than about 1e-10 of beta max F everywhere.
    """
    beta = torch.as_tensor(beta).to(diffused)
    update = _Filter.apply(diffused.flatten(1), attention.flatten(1), beta)
    return update.view_as(diffused)


class _Filter(torch.autograd.Function):
    """u of x = F^ / (beta t), t = max F, and s = x - tanh x::

    u = (s - min s) / (max s - min s)
    ds = du / (max s - min s) =: e, less sum(u e) at the maximum
                                and sum((1 - u) e) at the minimum
    dF^ = tanh(x)^2 ds / (beta t)
    dbeta = -sum(x tanh(x)^2 ds) / beta, dt likewise
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, diffused: Tensor, attention: Tensor, beta: Tensor
    ) -> Tensor:
        top, at_top = attention.max(1, keepdim=True)
        top = F.threshold(top, MIN_TOP, inf)
        # clamped like this it keeps the sign of beta
        inverse = beta.reciprocal().clamp(-1 / MIN_BETA, 1 / MIN_BETA)
        scale = torch.empty_like(top, dtype=torch.float64)
        torch.div(inverse, top, out=scale)
        scaled = diffused * scale  # float64 from here on
        tanh = scaled.tanh()
        shrunk = _shrink(scaled, tanh)
        low, at_low = shrunk.min(1, keepdim=True)
        high, at_high = shrunk.max(1, keepdim=True)
        span = F.threshold(high - low, SMALLEST, inf)
        update = torch.empty_like(diffused)
        torch.div(shrunk - low, span, out=update)
        ctx.save_for_backward(
            scaled,
            tanh,
            update,
            span,
            top,
            inverse,
            scale,
            at_top,
            at_low,
            at_high,
        )
        return update

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        scaled, tanh, update, span, top, inverse, scale, *places = (
            ctx.saved_tensors
        )
        at_top, at_low, at_high = places
        grad = grad / span
        into_high = (grad * update).sum(1, keepdim=True)
        into_low = into_high - grad.sum(1, keepdim=True)
        grad.scatter_add_(1, at_high, into_high.neg_())
        grad.scatter_add_(1, at_low, into_low)
        grad *= tanh.square()
        total = (grad * scaled).sum(1, keepdim=True).to(update).neg_()
        into_attention = torch.zeros_like(update)
        into_attention.scatter_(1, at_top, total / top)
        into_beta = total.sum() * inverse
        into_diffused = torch.empty_like(update)
        torch.mul(grad, scale, out=into_diffused)
        return into_diffused, into_attention, into_beta


def tanh_shrink(x: Tensor) -> Tensor:
    """Tanh shrinkage ``x - tanh(x)`` (Eq. 7) without cancellation.

    The direct difference is exactly 0 below 3e-4 in float32, and those are
    the values that occur once the semantic map is smooth. Here value and
    gradient are exact to a rounding of float32 wherever x^3 does not
    underflow.

    Differs from the released code: that takes the direct difference.

    Args:
        x (Tensor): Any shape, floating point.

    Returns:
        Tensor: About x^3 / 3 near zero, same shape.
    """
    wide = x.double()
    return _shrink(wide, wide.tanh()).to(x.dtype)


def _shrink(x: Tensor, tanh: Tensor) -> Tensor:
    """x - tanh(x) of float64 to 3e-8 of it, that is of x^3 / 3.

    The difference is off by 1e-16 of x, and the series by 2 / 5 of x^2: both
    are 3e-8 or less of the result where they meet.
    """
    return torch.where(x.abs() < 1e-4, x.pow(3) / 3, x - tanh)
