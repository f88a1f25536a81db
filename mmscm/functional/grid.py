"""The patch grid as a graph: similarity of neighbours and its Laplacian."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .maps import SMALLEST, power_of_two

# Unit vectors as close as this many roundings of a number are equal.
ROUNDINGS = 4


class GridLaplacian(NamedTuple):
    """A symmetric matrix over the H x W grid with 4-neighbour couplings.

    It stands for an (N, N) matrix, N = H W, in 3 N numbers an image.

    Attributes:
        diagonal (Tensor): L_ii, shape (B, H, W).
        right (Tensor): L_ij of a patch and the one right of it,
            shape (B, H, W - 1).
        down (Tensor): L_ij of a patch and the one below it,
            shape (B, H - 1, W).
    """

    diagonal: Tensor
    right: Tensor
    down: Tensor

    def dense(self) -> Tensor:
        """The matrix itself, shape (B, N, N)."""
        batch, height, width = self.diagonal.shape
        index = torch.arange(height * width, device=self.diagonal.device)
        index = index.view(height, width)
        rows, cols, values = [index], [index], [self.diagonal]
        for here, there, value in (
            (index[:, :-1], index[:, 1:], self.right),
            (index[:-1], index[1:], self.down),
        ):
            rows += [here, there]
            cols += [there, here]
            values += [value, value]
        matrix = self.diagonal.new_zeros(batch, index.numel(), index.numel())
        place = (
            torch.arange(batch, device=matrix.device)[:, None],
            torch.cat([part.flatten() for part in rows]),
            torch.cat([part.flatten() for part in cols]),
        )
        entries = torch.cat([part.flatten(1) for part in values], dim=1)
        return matrix.index_put(place, entries)


def semantic_laplacian(
    semantic: Tensor, lambda_: Tensor | float
) -> GridLaplacian:
    """Laplacian with semantics, L = (D - A) o (lambda E - 1) (Eq. 4).

    D - A couples direct neighbours only, so E is needed on the 2 N edges of
    the grid and never on N^2 pairs. E_ii = 1.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).
        lambda_ (Tensor | float): Weight of the similarity, 0-d.

    Returns:
        GridLaplacian: The matrix L of every image.
    """
    right, down = edge_dissimilarity(semantic)
    height, width = semantic.shape[-2:]
    degree = grid_degree(height, width, like=semantic)
    diagonal = (degree * (lambda_ - 1)).expand(semantic.shape[0], -1, -1)
    own = 1 - lambda_  # 1 - lambda E = (1 - lambda) + lambda (1 - E)
    return GridLaplacian(diagonal, own + lambda_ * right, own + lambda_ * down)


def grid_degree(height: int, width: int, like: Tensor) -> Tensor:
    """Number of direct neighbours of every patch, shape (H, W)."""

    def along(length: int) -> Tensor:
        count = torch.full((length,), 2, dtype=like.dtype, device=like.device)
        count[0] -= 1
        count[-1] -= 1
        return count

    return along(height)[:, None] + along(width)


def edge_dissimilarity(semantic: Tensor) -> tuple[Tensor, Tensor]:
    """One minus the cosine similarity E of neighbouring patches (Eq. 3).

    Taken as half the squared distance of the unit vectors: the difference
    1 - E would be rounding noise for a smooth map, which the min-max of the
    filter blows up to [0, 1]. Vectors that differ by rounding only have E = 1,
    with zero gradient. A patch whose entries are all zero (or smaller than
    about 1e-30) has E = 0 to all others, with zero gradient.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).

    Returns:
        tuple[Tensor, Tensor]: 1 - E of every patch and the one right of it,
        shape (B, H, W - 1), and the one below it, shape (B, H - 1, W);
        values in [0, 2].
    """
    return _EdgeDissimilarity.apply(semantic)


class _EdgeDissimilarity(torch.autograd.Function):
    """Keeps the semantic map only; the adjoint is one more stencil.

    Neighbours are a constant step apart in the flattened grid, 1 to the
    right and W down. The pairs of step 1 that wrap around the end of a row
    are computed too, which is faster than to leave them out, and dropped.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, semantic: Tensor) -> tuple[Tensor, Tensor]:
        planes = semantic.flatten(2)
        # one for all products: fresh memory costs more than arithmetic
        scratch = planes.abs()
        largest = scratch.amax(1)
        scale = power_of_two(largest)
        unit = planes / scale[:, None]  # squares neither over- nor underflow
        length = torch.mul(unit, unit, out=scratch).sum(1).sqrt()
        inverse = torch.where(largest >= SMALLEST, 1 / length, 0)
        unit.mul_(inverse[:, None])
        # 1 - |unit|^2 = 1 for a zero vector, so that 1 - E = 1
        missing = (inverse == 0).to(semantic)
        noise = (ROUNDINGS * torch.finfo(semantic.dtype).eps) ** 2
        width = semantic.shape[-1]
        edges = []
        for step in (1, width):
            apart = _pairs(scratch, step)[0]
            torch.sub(*_pairs(unit, step), out=apart)
            apart = apart.square_().sum(1)
            apart = torch.where(apart < noise, 0, apart)
            edges.append((apart + sum(_pairs(missing, step))) / 2)
        ctx.save_for_backward(semantic, scale, inverse, *edges)
        return (
            F.pad(edges[0], (0, 1)).unflatten(1, (-1, width))[..., :-1],
            edges[1].unflatten(1, (-1, width)),
        )

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, right: Tensor, down: Tensor) -> Tensor:
        # d(1 - E_ij)/dS_i = E_ij S_i / |S_i|^2 - S_j / (|S_i| |S_j|)
        semantic, scale, inverse, *edges = ctx.saved_tensors
        planes = semantic.flatten(2) / scale[:, None]
        flat = F.pad(right, (0, 1)).flatten(1)[:, :-1], down.flatten(1)
        grads = [g * (e > 0) for g, e in zip(flat, edges, strict=True)]
        steps = 1, semantic.shape[-1]
        own = torch.zeros_like(inverse)
        for step, edge, grad in zip(steps, edges, grads, strict=True):
            for part in _pairs(own, step):
                part.addcmul_(grad, 1 - edge)
        total = planes * (own * inverse.square())[:, None]
        for step, grad in zip(steps, grads, strict=True):
            coupling = grad * torch.mul(*_pairs(inverse, step))
            here, there = _pairs(planes, step)
            into_here, into_there = _pairs(total, step)
            into_here.addcmul_(coupling[:, None], there, value=-1)
            into_there.addcmul_(coupling[:, None], here, value=-1)
        return total.div_(scale[:, None]).view_as(semantic)


def _pairs(values: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Views of all patches that have one ``step`` later, and of those."""
    size = values.shape[-1] - step
    return values.narrow(-1, 0, size), values.narrow(-1, step, size)
