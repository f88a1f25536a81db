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
    right, down = edge_similarity(semantic)
    degree = grid_degree(*semantic.shape[-2:], like=semantic)
    diagonal = (degree * (lambda_ - 1)).expand(semantic.shape[0], -1, -1)
    return GridLaplacian(diagonal, 1 - lambda_ * right, 1 - lambda_ * down)


def grid_degree(height: int, width: int, like: Tensor) -> Tensor:
    """Number of direct neighbours of every patch, shape (H, W)."""

    def along(length: int) -> Tensor:
        count = torch.full((length,), 2, dtype=like.dtype, device=like.device)
        count[0] -= 1
        count[-1] -= 1
        return count

    return along(height)[:, None] + along(width)


def edge_similarity(semantic: Tensor) -> tuple[Tensor, Tensor]:
    """Cosine similarity E of neighbouring patches (Eq. 3).

    A patch whose vector is zero (or shorter than about 1e-19 in float32)
    has similarity 0 to all others, with zero gradient.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).

    Returns:
        tuple[Tensor, Tensor]: E of every patch and the one right of it,
        shape (B, H, W - 1), and the one below it, shape (B, H - 1, W);
        values in [-1, 1].
    """
    return _EdgeSimilarity.apply(semantic)


class _EdgeSimilarity(torch.autograd.Function):
    """Keeps the semantic map only; the adjoint is one more stencil."""

    @staticmethod
    def forward(ctx, semantic: Tensor) -> tuple[Tensor, Tensor]:
        length = semantic.square().sum(1).sqrt()
        inverse = torch.where(length > 0, 1 / length, 0)
        right = (semantic[..., :-1] * semantic[..., 1:]).sum(1)
        down = (semantic[..., :-1, :] * semantic[..., 1:, :]).sum(1)
        right = right * inverse[..., :-1] * inverse[..., 1:]
        down = down * inverse[:, :-1] * inverse[:, 1:]
        ctx.save_for_backward(semantic, inverse, right, down)
        return right, down

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_right: Tensor, grad_down: Tensor) -> Tensor:
        # dE_ij/dS_i = S_j / (|S_i| |S_j|) - E_ij S_i / |S_i|^2
        semantic, inverse, right, down = ctx.saved_tensors
        own = torch.zeros_like(inverse)
        for part in (own[..., :-1], own[..., 1:]):
            part -= grad_right * right
        for part in (own[:, :-1], own[:, 1:]):
            part -= grad_down * down
        grad = semantic * (own * inverse.square())[:, None]
        right = grad_right * inverse[..., :-1] * inverse[..., 1:]
        down = grad_down * inverse[:, :-1] * inverse[:, 1:]
        right, down = right[:, None], down[:, None]
        grad[..., :-1].addcmul_(right, semantic[..., 1:])
        grad[..., 1:].addcmul_(right, semantic[..., :-1])
        grad[..., :-1, :].addcmul_(down, semantic[..., 1:, :])
        grad[..., 1:, :].addcmul_(down, semantic[..., :-1, :])
        return grad
