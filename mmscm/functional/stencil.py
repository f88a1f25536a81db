"""Diffusion as a series of products with the 5-point grid Laplacian."""

from __future__ import annotations

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
    u_0 = F, u_{k+1} = u_k - L K u_k, the result is K sum_k u_k. L and K
    commute, so the adjoint runs the same recurrence on the gradient.
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
        scaled = grid.scaled(scale)  # K
        steps = 2**num_iters - 1
        states = grid.zeros(steps + 1)  # u_k
        spreads = grid.zeros(steps)  # K u_k
        state_views = grid.views(states)
        grid.put(state_views[0], attention)
        for k, spread in enumerate(grid.views(spreads)):
            scaled.multiply(state_views[k], out=spread)
            grid.subtract(spread, state_views[k], out=state_views[k + 1])
        total = states.sum(0, keepdim=True)
        (result,) = grid.views(grid.zeros(1))
        scaled.multiply(*grid.views(total), out=result)
        saved = () if detach_init else (states, total)
        ctx.save_for_backward(diagonal, right, down, spreads, *saved)
        ctx.scale = scale
        return grid.take(result)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor | None, ...]:
        diagonal, right, down, spreads, *init = ctx.saved_tensors
        grid = FlatGrid(diagonal, right, down)
        scaled = grid.scaled(ctx.scale)
        steps = len(spreads)
        start = grid.zeros(1)
        adjoints = grid.zeros(steps + 1)  # of u_0 ... u_steps
        products = grid.zeros(steps)  # L a_{k+1}
        views, product_views = grid.views(adjoints), grid.views(products)
        grid.put(*grid.views(start), grad)
        scaled.multiply(*grid.views(start), out=views[steps])
        seed = adjoints[steps].clone()
        for k in reversed(range(steps)):
            grid.multiply(views[k + 1], out=product_views[k])
            scaled.subtract(product_views[k], views[k + 1], out=views[k])
            adjoints[k] += seed
        # L enters u_{k+1} = u_k - L (K u_k) and, if in the graph, K
        grads = grid.couplings(adjoints[1:], spreads, -1)
        if init:
            states, total = init
            inside = grid.couplings(products, states[:-1], -ctx.scale)
            last = grid.couplings(start, total, ctx.scale)
            parts = zip(grads, inside, last, strict=True)
            grads = [sum(part) for part in parts]
        return grid.take(views[0]), *grads, None, None, None
