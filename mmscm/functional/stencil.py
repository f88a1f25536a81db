"""Products with the grid Laplacian, and the diffusion made of them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

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
    """X_p F as a series of stencil passes, with its adjoint.

    X_p = X_0 sum_{k < 2^p} (I - L X_0)^k. With K = alpha L (L = L^T) and
    u_0 = F, u_{k+1} = u_k - L K u_k, the result is K sum_k u_k. L and K
    commute, so the adjoint runs the same recurrence on the gradient.
    """

    @staticmethod
    def forward(
        ctx,
        attention: Tensor,
        diagonal: Tensor,
        right: Tensor,
        down: Tensor,
        num_iters: int,
        scale: float,
        detach_init: bool,
    ) -> Tensor:
        grid = FlatGrid(diagonal, right, down)
        steps = 2**num_iters - 1
        states = grid.empty(steps + 1)  # u_k
        spreads = grid.empty(steps)  # K u_k
        grid.put(states[0], attention)
        for k in range(steps):
            grid.apply(states[k], out=spreads[k], scale=scale)
            grid.apply(spreads[k], out=states[k + 1], scale=-1)
            states[k + 1] += states[k]
        total = states.sum(0)
        result = grid.empty()
        grid.apply(total, out=result, scale=scale)
        saved = () if detach_init else (states, total)
        ctx.save_for_backward(diagonal, right, down, spreads, *saved)
        ctx.options = steps, scale
        return grid.take(result)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor):
        steps, scale = ctx.options
        diagonal, right, down, spreads, *init = ctx.saved_tensors
        grid = FlatGrid(diagonal, right, down)
        start, seed = grid.empty(), grid.empty()
        grid.put(start, grad)
        grid.apply(start, out=seed, scale=scale)
        adjoints = grid.empty(steps + 1)  # of u_0 ... u_steps
        spread = grid.empty(steps)  # L a_{k+1}
        adjoints[steps] = seed
        for k in reversed(range(steps)):
            grid.apply(adjoints[k + 1], out=spread[k])
            grid.apply(spread[k], out=adjoints[k], scale=-scale)
            adjoints[k] += adjoints[k + 1]
            adjoints[k] += seed
        pairs = [(-1, adjoints[1:], spreads)]
        if init:  # X_0 = alpha L in the graph
            states, total = init
            pairs.append((-scale, spread, states[:-1]))
            pairs.append((scale, start[None], total[None]))
        grads = [grid.couplings(*pair) for pair in pairs]
        grads = [sum(parts) for parts in zip(*grads, strict=True)]
        return grid.take(adjoints[0]), *grads, None, None, None


class FlatGrid:
    """A batch of grids in one flat vector with zeros between rows.

    Every row is followed by one zero, every image by a row of zeros, so a
    neighbour is a constant offset and a product with L is five contiguous
    multiply-adds over the whole batch.
    """

    def __init__(self, diagonal: Tensor, right: Tensor, down: Tensor):
        self.shape = diagonal.shape
        batch, height, width = self.shape
        self.row = width + 1
        self.size = batch * (height + 1) * self.row
        self.length = self.size + 2 * self.row
        self.like = diagonal
        self.diagonal = self._spread(diagonal)
        self.right = self._spread(F.pad(right, (0, 1)))
        self.left = self._spread(F.pad(right, (1, 0)))
        self.down = self._spread(F.pad(down, (0, 0, 0, 1)))
        self.up = self._spread(F.pad(down, (0, 0, 1, 0)))

    def _spread(self, values: Tensor) -> Tensor:
        return F.pad(values, (0, 1, 0, 1)).reshape(-1)

    def empty(self, *lead: int) -> Tensor:
        """Zeros, shape (*lead, length)."""
        return self.like.new_zeros(*lead, self.length)

    def put(self, flat: Tensor, values: Tensor) -> None:
        self._inside(flat).copy_(self._spread(values))

    def take(self, flat: Tensor) -> Tensor:
        batch, height, width = self.shape
        grid = self._inside(flat).view(batch, height + 1, self.row)
        return grid[:, :height, :width].contiguous()

    def _inside(self, flat: Tensor, offset: int = 0) -> Tensor:
        return flat.narrow(-1, self.row + offset, self.size)

    def apply(self, flat: Tensor, out: Tensor, scale: float = 1) -> None:
        """Write ``scale * L flat`` to ``out``."""
        inside = self._inside(out)
        torch.mul(self.diagonal, self._inside(flat), out=inside)
        for weight, offset in (
            (self.right, 1),
            (self.left, -1),
            (self.down, self.row),
            (self.up, -self.row),
        ):
            inside.addcmul_(weight, self._inside(flat, offset))
        if scale != 1:
            inside *= scale

    def couplings(
        self, scale: float, rows: Tensor, cols: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """``scale * sum_k rows_k cols_k^T`` where L has entries."""

        def edge(offset: int) -> Tensor:
            there = self._inside(rows) * self._inside(cols, offset)
            back = self._inside(rows, offset) * self._inside(cols)
            return self._grid((there + back).sum(0) * scale)

        own = (self._inside(rows) * self._inside(cols)).sum(0) * scale
        right, down = edge(1), edge(self.row)
        return self._grid(own), right[..., :-1], down[:, :-1]

    def _grid(self, inside: Tensor) -> Tensor:
        batch, height, width = self.shape
        grid = inside.view(batch, height + 1, self.row)
        return grid[:, :height, :width]
