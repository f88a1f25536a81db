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
MIN_SIZE = 1e-10  # smallest max |F^ / (beta max F)| that divides


def filter_diffused(
    diffused: Tensor, attention: Tensor, beta: Tensor | float
) -> Tensor:
    """Keep what diffusion made strong: minmax(tanhShrink(F^ / (beta max F))).

    The factor beta in front of Eq. 7 cancels in the min-max, without which
    the update is about 1e-3 and the block does nothing.

    Args:
        diffused (Tensor): F^, shape (B, H, W).
        attention (Tensor): F before diffusion, not negative, same shape.
        beta (Tensor | float): Filtering threshold, 0-d.

    Returns:
        Tensor: The update u in [0, 1], shape (B, H, W); zeros if F^ is
        constant, or less than ``MIN_SIZE`` of beta max F everywhere.
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

    s is in units of the cube of max |x|, which could underflow.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, diffused: Tensor, attention: Tensor, beta: Tensor
    ) -> Tensor:
        top, at_top = attention.max(1, keepdim=True)
        top = F.threshold(top, MIN_TOP, inf)
        # clamped like this it keeps the sign of beta
        inverse = beta.reciprocal().clamp(-1 / MIN_BETA, 1 / MIN_BETA)
        slope = inverse / top
        scaled = diffused * slope
        tanh, near = scaled.tanh(), scaled.clamp(-1, 1)
        unit = torch.linalg.vector_norm(near, inf, 1, keepdim=True)
        unit = F.threshold(unit, MIN_SIZE, inf)
        shrunk = tanh_shrink(scaled, tanh, near, unit)
        low, at_low = shrunk.min(1, keepdim=True)
        high, at_high = shrunk.max(1, keepdim=True)
        span = F.threshold(high - low, SMALLEST, inf)
        update = (shrunk - low) / span
        places = at_top, at_low, at_high
        scalars = unit, span, slope, inverse, top
        ctx.save_for_backward(diffused, tanh, update, *scalars, *places)
        return update

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        diffused, tanh, update, *scalars, at_top, at_low, at_high = (
            ctx.saved_tensors
        )
        unit, span, slope, inverse, top = scalars
        grad = grad / span
        zeros = torch.zeros_like(grad)
        # 0 - u e is one launch
        into_high = zeros.addcmul(grad, update, value=-1).sum(1, keepdim=True)
        grad.scatter_add_(1, at_high, into_high)
        # the same added to all s changes no u: the rest is at the minimum
        grad.scatter_add_(1, at_low, grad.sum(1, keepdim=True).neg_())
        # with respect to x / unit, whose size is 1
        grad *= (tanh / unit).square_()
        grad = grad * (slope / unit)
        products = zeros.addcmul(grad, diffused, value=-1)
        total = products.sum(1, keepdim=True)
        into_attention = zeros.scatter_(1, at_top, total / top)
        return grad, into_attention, total.sum() * inverse


def tanh_shrink(
    x: Tensor, tanh: Tensor, near: Tensor, unit: Tensor | float = 1.0
) -> Tensor:
    """Tanh shrinkage ``x - tanh(x)`` (Eq. 7) without cancellation.

    The direct difference, the released code's, is exactly 0 below 3e-4 in
    float32, and those are the values that occur once the semantic map is
    smooth. Here value and gradient keep full relative accuracy where
    (x / unit)^3 does not underflow. From Lambert's fraction
    tanh x = x / (1 + x^2 / (3 + ...)):
    x - tanh x = x^3 / (x^2 + 3 + x^2 / (5 + x^2 / (7 + ...))).

    Args:
        x (Tensor): Any shape, floating point.
        tanh (Tensor): tanh x.
        near (Tensor): x clamped to [-1, 1].
        unit (Tensor | float): 1, or less where it bounds |x|.

    Returns:
        Tensor: (x - tanh x) / unit^3, about (x / unit)^3 / 3 near zero.
    """
    square = near.square()
    one = x.new_ones(())
    # 3 + x^2 / (5 + ...) = 3 level, to a rounding where |x| <= 1
    level = one
    for k in range(7 if x.dtype == torch.float64 else 3, 0, -1):
        ratio = 1 / ((2 * k + 1) * (2 * k + 3))
        level = torch.addcdiv(one, square, level, value=ratio)
    fraction = (near / unit).pow(3) / square.add(level, alpha=3)
    return torch.where(x == near, fraction, x - tanh)
