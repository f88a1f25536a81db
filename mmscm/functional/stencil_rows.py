"""Matrices over a batch of grids as what their rows weigh, and products."""

from __future__ import annotations

from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from .flat_grid import FlatGrid


def laplacian_rows(grid: FlatGrid, planes: Tensor) -> Tensor:
    """What L weighs: the patch itself and those around it.

    Args:
        grid (FlatGrid): The layout.
        planes (Tensor): L as in :class:`GridLaplacian`, shape (3, B, H, W).

    Returns:
        Tensor: L_ii and L_ij for j up, right, left and down of i, as
        vectors, shape (5, length).
    """
    width = grid.width
    own, right, down = F.pad(grid.put(planes), (width, width))
    parts = (own, 0), (down, -width), (right, 0), (right, -1), (down, 0)
    rows = [part.narrow(0, width + at, grid.length) for part, at in parts]
    return torch.stack(rows)


def largest_sum(grid: FlatGrid, rows: Tensor) -> Tensor:
    """Largest sum of magnitudes in a row, |L|_inf, shape (B, 1)."""
    sums = grid.take(rows.abs().sum(0))
    return sums.flatten(1).amax(1, keepdim=True)


def residual_weights(grid: FlatGrid, rows: Tensor, scaled: Tensor) -> Tensor:
    """R = I - K L, in which a row reaches two steps far.

    Args:
        grid (FlatGrid): The layout.
        rows (Tensor): L, shape (5, length).
        scaled (Tensor): K, a multiple of L, shape (5, size).

    Returns:
        Tensor: What R weighs of :meth:`FlatGrid.diamond`, shape
        (2, 3, 3, size).
    """
    weights = rows.new_zeros(2, 3, 3, grid.size)
    even, odd = weights[0], weights[1, :2, :2]
    own, around = scaled[0], scaled[1:].unflatten(0, (2, 2))
    near = rows[1:].unflatten(0, (2, 2))
    even[1, 1].fill_(1)
    # row i of K L is the sum of K_ij times row j of L
    even[1, 1].addcmul_(own, grid.inside(rows[0]), value=-1)
    odd.addcmul_(own, grid.inside(near), value=-1)
    odd.addcmul_(around, grid.around(rows[0]), value=-1)
    for a, b in product(range(2), repeat=2):
        there = grid.inside(near, grid.offset(a, b))
        even[a : a + 2, b : b + 2].addcmul_(around[a, b], there, value=-1)
    return weights


def multiply(grid: FlatGrid, weights: Tensor, vectors: Tensor) -> Tensor:
    """The product of K, shape (5, size), and vectors (..., length).

    Returns:
        Tensor: Without the margins, shape (..., size).
    """
    around = weights[1:].unflatten(0, (2, 2)) * grid.around(vectors)
    own = weights[0], grid.inside(vectors)
    return around.sum((-3, -2)).addcmul_(*own)


def powers(
    grid: FlatGrid, weights: Tensor, start: Tensor, count: int
) -> Tensor:
    """R^k v for k < count.

    Args:
        grid (FlatGrid): The layout.
        weights (Tensor): R, shape (2, 3, 3, size).
        start (Tensor): v, shape (size,).
        count (int): Number of vectors.

    Returns:
        Tensor: Vectors, shape (count, length).
    """
    states = start.new_zeros(count, grid.length)
    inside, diamonds = grid.inside(states), grid.diamond(states)
    inside[0] = start
    parts = torch.empty_like(weights)
    for before, after in zip(diamonds[:-1], inside[1:], strict=True):
        torch.mul(weights, before, out=parts)
        torch.sum(parts, (0, 1, 2), out=after)
    return states


def couplings(grid: FlatGrid, rows: Tensor, cols: Tensor) -> Tensor:
    """The sum of rows_k cols_k^T where L has entries.

    Args:
        grid (FlatGrid): The layout.
        rows (Tensor): Vectors, shape (K, length).
        cols (Tensor): Vectors, shape (K, length).

    Returns:
        Tensor: Into the planes of L, shape (3, B, H, W); where they have to
        be zero there is any number.
    """
    result = rows.new_empty(3, grid.size)
    row, col = grid.inside(rows), grid.inside(cols)
    torch.sum(row * col, 0, out=result[0])
    # L is symmetric: a coupling is two entries
    both = row[:, None] * grid.ahead(cols)
    both.addcmul_(grid.ahead(rows), col[:, None])
    torch.sum(both, 0, out=result[1:])
    return result.unflatten(1, grid.shape)
