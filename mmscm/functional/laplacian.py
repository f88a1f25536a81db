"""Laplacian of the patch grid with semantic similarity (Eqs. 3 and 4).

A symmetric matrix L over the N = H W patches that couples direct neighbours
only is kept as three planes, shape (B, 3, H, W): L_ii, then L_ij of every
patch i and the patch j right of it, then of i and the patch below it. The
last column and the last row, which have no such neighbour, are zero there.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .maps import SMALLEST

# Unit vectors as close as this many roundings of a number are equal.
ROUNDINGS = 4


def semantic_laplacian(semantic: Tensor, lambda_: Tensor | float) -> Tensor:
    """Laplacian with semantics, L = (D - A) o (lambda E - 1) (Eq. 4).

    D - A couples direct neighbours only, so the cosine similarity E (Eq. 3)
    is needed on the 2 N edges of the grid and never on N^2 pairs. E_ii = 1.

    1 - E is taken as half the squared distance of the unit vectors: the
    difference would be rounding noise for a smooth map, which the min-max of
    the filter blows up to [0, 1]. Vectors that differ by rounding only have
    E = 1, with zero gradient. A zero vector (no longer than ``SMALLEST``) has
    E = 0 to all others, with zero gradient.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).
        lambda_ (Tensor | float): Weight of the similarity, 0-d.

    Returns:
        Tensor: L of every image as planes, shape (B, 3, H, W).
    """
    lambda_ = torch.as_tensor(lambda_).to(semantic)
    return _SemanticLaplacian.apply(semantic, lambda_)


def dense_matrix(laplacian: Tensor) -> Tensor:
    """The matrix of planes (B, 3, H, W), shape (B, N, N)."""
    height, width = laplacian.shape[-2:]
    size = height * width
    entries = laplacian.flatten(1)
    index = _entry_index(height, width, laplacian.device)
    return entries.index_select(1, index).unflatten(1, (size, size))


class _SemanticLaplacian(torch.autograd.Function):
    """L = (1 - lambda) (A - D) + lambda A o (1 - E), with n_i = S_i / |S_i|::

        1 - E_ij = |n_i - n_j|^2 / 2
        d(1 - E_ij) / dS_i = (E_ij n_i - n_j) / |S_i|
        dL / dlambda = D - A o E

    Neighbours are a constant step apart in the flattened grid. Pairs around
    the end of a row are computed too, which is faster than to leave them out.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, semantic: Tensor, lambda_: Tensor) -> Tensor:
        height, width = semantic.shape[-2:]
        tokens = semantic.flatten(2)  # (B, C, N)
        # in float64 no square of a float32 over- or underflows
        squares = tokens.to(torch.float64, copy=True).square_()
        length = squares.sum(1).sqrt_().to(tokens.dtype)
        length = F.threshold(length, SMALLEST, inf)
        unit = tokens / length[:, None]
        # half of 1 - |n|^2, which a zero vector lacks
        missing = (length == inf) * 0.5
        apart = unit.new_zeros(len(unit), 3, unit.shape[2])  # 1 - E
        for plane, step in ((apart[:, 1], 1), (apart[:, 2], width)):
            first, second = pairs(unit, step)
            distance = (second - first).square_().sum(1)
            edges, _ = pairs(plane, step)
            torch.add(*pairs(missing, step), out=edges)
            edges.add_(distance, alpha=0.5)
        noise = (ROUNDINGS * torch.finfo(unit.dtype).eps) ** 2 / 2
        F.threshold(apart, noise, 0, inplace=True)
        apart[:, 1, width - 1 :: width] = 0
        grid = _grid(height, width, unit.dtype, unit.device)
        ctx.save_for_backward(lambda_, unit, length, grid, apart)
        # exact at both ends, unlike grid + lambda (apart - grid)
        laplacian = torch.lerp(grid, apart, lambda_)
        return laplacian.unflatten(2, (height, width))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        lambda_, unit, length, grid, apart = ctx.saved_tensors
        height, width = grad.shape[-2:]
        grad = grad.flatten(2)
        slope = apart - grid  # D - A o E
        into_lambda = grad.flatten().dot(slope.flatten())
        edges = grad[:, 1:] * lambda_ * (apart[:, 1:] > 0)
        right, down = (edges * -slope[:, 1:]).unbind(1)
        own = right + down
        for plane, step in ((right, 1), (down, width)):
            pairs(own, step)[1].add_(pairs(plane, step)[0])
        total = unit * own[:, None]
        for plane, step in ((edges[:, :1], 1), (edges[:, 1:], width)):
            edge, _ = pairs(plane, step)
            first, second = pairs(unit, step)
            into_first, into_second = pairs(total, step)
            into_first.addcmul_(edge, second, value=-1)
            into_second.addcmul_(edge, first, value=-1)
        total /= length[:, None]
        return total.unflatten(2, (height, width)), into_lambda


def pairs(values: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Views of all patches that have one ``step`` later, and of those."""
    size = values.shape[-1] - step
    return values[..., :size], values[..., step:]


# Constants of a grid, kept because on a GPU their launches would cost more
# than what follows from them.
@lru_cache(maxsize=8)
@torch.inference_mode(False)
def _grid(
    height: int, width: int, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """A - D of the grid as planes, shape (3, N)."""
    grid = torch.ones(3, height, width, dtype=dtype, device=device)
    own, right, down = grid
    own.fill_(-4)
    for border in (own[0], own[-1], own[:, 0], own[:, -1]):
        border += 1
    right[:, -1] = down[-1] = 0
    return grid.flatten(1)


@lru_cache(maxsize=8)
@torch.inference_mode(False)
def _entry_index(height: int, width: int, device: torch.device) -> Tensor:
    """Where in the planes (3 N,) are the entries of the matrix (N N,)."""
    size = height * width
    patch = torch.arange(size)
    # the last patch has none to its right, so that entry is zero
    index = torch.full((size, size), 2 * size - 1)
    index[patch, patch] = patch
    for plane, step in ((1, 1), (2, width)):
        first, second = pairs(patch, step)
        index[first, second] = index[second, first] = plane * size + first
    return index.flatten().to(device)
