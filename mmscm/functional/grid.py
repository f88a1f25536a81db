"""The patch grid as a graph: similarity of neighbours and its Laplacian."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .tokens import UnitTokens, flat, patch_stride, unit_tokens

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
    semantic: Tensor,
    lambda_: Tensor | float,
    tokens: UnitTokens | None = None,
) -> GridLaplacian:
    """Laplacian with semantics, L = (D - A) o (lambda E - 1) (Eq. 4).

    D - A couples direct neighbours only, so E is needed on the 2 N edges of
    the grid and never on N^2 pairs. E_ii = 1.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).
        lambda_ (Tensor | float): Weight of the similarity, 0-d.
        tokens (UnitTokens, optional): Of S, if they are known.

    Returns:
        GridLaplacian: The matrix L of every image.
    """
    right, down = edge_dissimilarity(semantic, tokens)
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


def edge_dissimilarity(
    semantic: Tensor, tokens: UnitTokens | None = None
) -> tuple[Tensor, Tensor]:
    """One minus the cosine similarity E of neighbouring patches (Eq. 3).

    Taken as half the squared distance of the unit vectors: the difference
    1 - E would be rounding noise for a smooth map, which the min-max of the
    filter blows up to [0, 1]. Vectors that differ by rounding only have E = 1,
    with zero gradient. A patch whose entries are all zero (or smaller than
    about 1e-30) has E = 0 to all others, with zero gradient.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).
        tokens (UnitTokens, optional): Of S, if they are known.

    Returns:
        tuple[Tensor, Tensor]: 1 - E of every patch and the one right of it,
        shape (B, H, W - 1), and the one below it, shape (B, H - 1, W);
        values in [0, 2].
    """
    tokens = tokens or unit_tokens(semantic)
    return _EdgeDissimilarity.apply(semantic, *tokens)


class _EdgeDissimilarity(torch.autograd.Function):
    """Keeps the unit vectors only; the adjoint is one more stencil.

    Neighbours are a constant step apart in the flattened grid, 1 to the
    right and W down. The pairs that wrap around the end of a row or of an
    image are computed too, which is faster than to leave them out, and
    dropped.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, semantic: Tensor, unit: Tensor, length: Tensor
    ) -> tuple[Tensor, Tensor]:
        # 1 - |unit|^2 = 1 for a zero vector, so that 1 - E = 1
        missing = (length == 0).to(unit)
        noise = (ROUNDINGS * torch.finfo(unit.dtype).eps) ** 2
        width = semantic.shape[-1]
        vectors, scratch = flat(unit), torch.zeros_like(unit)
        edges = []
        for step in (1, width):
            here, there = _pairs(vectors, step * patch_stride(unit))
            apart = flat(scratch)[: len(here)]
            torch.sub(here, there, out=apart)
            apart.square_()
            distance = scratch.sum(1)[:, : unit.shape[-1] - step]
            distance = torch.where(distance < noise, 0, distance)
            edges.append((distance + sum(_pairs(missing, step))) / 2)
        ctx.save_for_backward(unit, length, *edges)
        return (
            F.pad(edges[0], (0, 1)).unflatten(1, (-1, width))[..., :-1],
            edges[1].unflatten(1, (-1, width)),
        )

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, right: Tensor, down: Tensor
    ) -> tuple[Tensor, None, None]:
        # d(1 - E_ij)/dS_i = (E_ij n_i - n_j) / |S_i| with n = S / |S|
        unit, length, *edges = ctx.saved_tensors
        flat_grads = F.pad(right, (0, 1)).flatten(1)[:, :-1], down.flatten(1)
        inverse = torch.where(length > 0, 1 / length, 0)
        own = torch.zeros_like(inverse)
        steps = 1, down.shape[-1]
        grads = [g * (e > 0) for g, e in zip(flat_grads, edges, strict=True)]
        for step, edge, grad in zip(steps, edges, grads, strict=True):
            for part in _pairs(own, step):
                part.addcmul_(grad, 1 - edge)
        total = unit * (own * inverse)[:, None]
        for step, grad in zip(steps, grads, strict=True):
            inverses = _pairs(inverse, step)
            vectors, totals = _pairs(unit, step), _pairs(total, step)
            for i, j in ((0, 1), (1, 0)):
                coupling = (grad * inverses[i])[:, None]
                totals[i].addcmul_(coupling, vectors[j], value=-1)
        return total.unflatten(2, (-1, steps[1])), None, None


def _pairs(values: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Views of all patches that have one ``step`` later, and of those."""
    size = values.shape[-1] - step
    return values.narrow(-1, 0, size), values.narrow(-1, step, size)
