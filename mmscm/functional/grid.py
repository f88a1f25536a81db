"""The patch grid as a graph: similarity of neighbours and its Laplacian."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


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
        rows = torch.cat([part.flatten() for part in rows])
        cols = torch.cat([part.flatten() for part in cols])
        values = torch.cat([part.flatten(1) for part in values], dim=1)
        images = torch.arange(batch, device=matrix.device)[:, None]
        return matrix.index_put((images, rows, cols), values)


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
    degree = grid_degree(*semantic.shape[-2:], like=semantic)
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
    filter blows up to [0, 1]. A patch whose vector is zero (or shorter than
    about 1e-19 in float32) has E = 0 to all others, with zero gradient.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).

    Returns:
        tuple[Tensor, Tensor]: 1 - E of every patch and the one right of it,
        shape (B, H, W - 1), and the one below it, shape (B, H - 1, W);
        values in [0, 2].
    """
    return _EdgeDissimilarity.apply(semantic)


class _EdgeDissimilarity(torch.autograd.Function):
    """Keeps the semantic map only; the adjoint is one more stencil."""

    @staticmethod
    def forward(ctx, semantic: Tensor) -> tuple[Tensor, Tensor]:
        length = semantic.square().sum(1).sqrt()
        inverse = torch.where(length > 0, 1 / length, 0)
        unit = semantic * inverse[:, None]
        missing = (length == 0).to(semantic)  # 1 - |unit|^2
        edges = [
            (_step(unit, axis).square().sum(1) + _pair(missing, axis)) / 2
            for axis in (-1, -2)
        ]
        ctx.save_for_backward(semantic, inverse, *edges)
        return tuple(edges)

    @staticmethod
    @once_differentiable
    def backward(ctx, *grads: Tensor) -> Tensor:
        # d(1 - E_ij)/dS_i = (n_i - n_j - (1 - E_ij) n_i) / |S_i|, n = S / |S|
        semantic, inverse, *edges = ctx.saved_tensors
        unit = semantic * inverse[:, None]
        own = torch.zeros_like(inverse)
        for axis, edge, grad in zip((-1, -2), edges, grads, strict=True):
            size = edge.shape[axis]
            own.narrow(axis, 0, size).sub_(grad * edge)
            own.narrow(axis, 1, size).sub_(grad * edge)
        total = unit * own[:, None]
        for axis, grad in zip((-1, -2), grads, strict=True):
            step = _step(unit, axis).mul_(grad[:, None])
            total.narrow(axis, 0, step.shape[axis]).sub_(step)
            total.narrow(axis, 1, step.shape[axis]).add_(step)
        return total.mul_(inverse[:, None])


def _step(values: Tensor, axis: int) -> Tensor:
    """The next value minus this one along an axis."""
    size = values.shape[axis] - 1
    return values.narrow(axis, 1, size) - values.narrow(axis, 0, size)


def _pair(values: Tensor, axis: int) -> Tensor:
    """The next value plus this one along an axis."""
    size = values.shape[axis] - 1
    return values.narrow(axis, 1, size) + values.narrow(axis, 0, size)
