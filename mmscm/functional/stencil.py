"""Diffusion as a series of products with the 5-point grid Laplacian."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .flat_grid import FlatGrid
from .grid import GridLaplacian


def stencil_diffusion(
    attention: Tensor,
    laplacian: GridLaplacian,
    num_iters: int,
    init_scale: float,
    detach_init: bool,
) -> Tensor:
    """X_p flatten(F) in 2^(p+1) - 1 stencil passes; arguments as `diffuse`."""
    return _StencilDiffusion.apply(
        attention, *laplacian, num_iters, init_scale, detach_init
    )


class _StencilDiffusion(torch.autograd.Function):
    """X_p F with its adjoint.

    X_p = X_0 sum_{k < 2^p} (I - L X_0)^k. With K = alpha L (L = L^T) and
    u_k = (I - L K)^k F, the result is K sum_k u_k. L and K commute, so the
    adjoint of u_k is a sum of v_j = (I - L K)^j (K g) over j < 2^p - k,
    where g is the gradient of the result.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        attention: Tensor,
        diagonal: Tensor,
        right: Tensor,
        down: Tensor,
        num_iters: int,
        scale: float,
        detach_init: bool,
    ) -> Tensor:
        grid = FlatGrid(diagonal, right, down)
        scales = convergent_scale(grid.norm(), scale)
        scaled = grid.scaled(scales)  # K
        steps = 2**num_iters - 1
        states, spreads = _powers(grid, scaled, grid.put(attention), steps)
        total = states.sum(0, keepdim=True)
        saved = () if detach_init else (states, total)
        ctx.save_for_backward(diagonal, right, down, scales, spreads, *saved)
        return grid.take(scaled.product(total))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        diagonal, right, down, scales, spreads, *init = ctx.saved_tensors
        grid = FlatGrid(diagonal, right, down)
        scaled = grid.scaled(scales)
        steps = len(spreads)
        start = grid.put(grad)
        powers, products = _powers(grid, scaled, scaled.product(start), steps)
        adjoints = powers.cumsum(0)  # of u_steps ... u_0
        # L enters u_{k+1} = u_k - L (K u_k) and, if in the graph, K
        grads = grid.couplings(adjoints[:-1], spreads.flip(0), -1)
        if init:
            states, total = init
            inner = products.cumsum(0)  # K times the adjoints
            inside = grid.couplings(inner, states[:-1].flip(0), -1)
            last = grid.couplings(start, total, scales[..., None])
            parts = zip(grads, inside, last, strict=True)
            grads = [a + b + c for a, b, c in parts]
        return grid.take(adjoints[-1:]), *grads, None, None, None


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


def _powers(
    grid: FlatGrid, scaled: FlatGrid, start: Tensor, steps: int
) -> tuple[Tensor, Tensor]:
    """u_k = (I - L K)^k u_0 and K u_k.

    Args:
        grid (FlatGrid): L.
        scaled (FlatGrid): K.
        start (Tensor): u_0, shape (1, length).
        steps (int): Number of products with L K.

    Returns:
        tuple[Tensor, Tensor]: All u_k, shape (steps + 1, length), and K u_k
        of all but the last, shape (steps, length).
    """
    states, spreads = grid.zeros(steps + 1), grid.zeros(steps)
    states[0] = start
    views, products = grid.views(states), grid.views(spreads)
    for k, product in enumerate(products):
        scaled.multiply(views[k], out=product[0])
        grid.subtract(product, views[k][0], out=views[k + 1][0])
    return states, spreads
