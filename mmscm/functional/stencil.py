"""Diffusion as a series of products with the 5-point grid Laplacian."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .flat_grid import FlatGrid
from .grid import GridLaplacian
from .stencil_rows import (
    couplings,
    laplacian_rows,
    largest_sum,
    multiply,
    powers,
    residual_weights,
)


def stencil_diffusion(
    attention: Tensor,
    laplacian: GridLaplacian,
    num_iters: int,
    init_scale: float,
    detach_init: bool,
) -> Tensor:
    """X_p flatten(F) in 2^p stencil products; arguments as `diffuse`."""
    return _StencilDiffusion.apply(
        attention, laplacian.planes, num_iters, init_scale, detach_init
    )


class _StencilDiffusion(torch.autograd.Function):
    """X_p F with its adjoint.

    X_p = X_0 sum_{k < n} R^k with n = 2^p, X_0 = K = alpha L (L = L^T) and
    R = I - L K. All of these commute, so the result is the sum of
    z_k = R^k (K F), and with w_j = R^j (K g), where g is its gradient, that
    of F is the sum of w_j. The adjoint of u_{k+1} = u_k - L z_k, u_k = R^k F,
    is a_{k+1}, the sum of w_j over j < n - 1 - k.
    """

    @staticmethod
    def forward(
        ctx: Any,
        attention: Tensor,
        planes: Tensor,
        num_iters: int,
        scale: float,
        detach_init: bool,
    ) -> Tensor:
        grid, count = FlatGrid(attention.shape), 2**num_iters
        rows = laplacian_rows(grid, planes)  # L
        scales = convergent_scale(largest_sum(grid, rows), scale)
        first = grid.scaled(rows, scales)  # K
        residual = residual_weights(grid, rows, first)  # R
        start = grid.put(attention)
        once = multiply(grid, first, start)
        spreads = powers(grid, residual, once, count)  # z_k
        saved = [first, residual, spreads]
        if not detach_init:
            start = grid.inside(start)
            saved += [scales, powers(grid, residual, start, count)]  # u_k
        ctx.save_for_backward(*saved)
        ctx.shape = attention.shape
        return grid.take(spreads).sum(0)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        first, residual, spreads, *init = ctx.saved_tensors
        grid, count = FlatGrid(ctx.shape), len(spreads)
        start = multiply(grid, first, grid.put(grad))
        adjoints = powers(grid, residual, start, count).cumsum(0)
        # L enters u_{k+1} = u_k - L (K u_k) and, if in the graph, K
        rows, cols = adjoints[:-1].flip(0), spreads[:-1]
        if init:
            scales, states = init
            inner = multiply(grid, first, rows).unflatten(-1, grad.shape)
            last = -scales[..., None] * grad
            rows = torch.cat([rows, grid.put(torch.cat([inner, last[None]]))])
            cols = torch.cat([cols, states[:-1], states.sum(0, keepdim=True)])
        into_planes = couplings(grid, rows, cols).neg_()
        return grid.take(adjoints[-1]), into_planes, None, None, None


def convergent_scale(norm: Tensor, scale: float) -> Tensor:
    """alpha, or the largest value with which Eq. 6 does not diverge.

    The factors of u_k = (I - alpha L L^T)^k F have the size of at most 1
    while alpha |L|_2^2 <= 2. At alpha = 0.002 that is every L with lambda
    from -2.9 to 3.9, and there the result is alpha.

    Differs from the released code: that overflows at such lambda.

    Args:
        norm (Tensor): An upper bound of |L|_2, such as |L|_inf, any shape.
        scale (float): alpha.

    Returns:
        Tensor: min(alpha, 2 / norm^2), same shape.
    """
    return (2 / norm.detach().square()).clamp(max=scale)
