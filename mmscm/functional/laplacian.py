"""Laplacian of the patch grid with semantic similarity (Eqs. 3 and 4).

A symmetric matrix L over the N = H W patches that couples direct neighbours
only is kept as three planes, shape (3, B, H, W): L_ii, then L_ij of every
patch i and the patch j right of it, then of i and the patch below it. The
last column and the last row, which have no such neighbour, are zero there.
"""

from __future__ import annotations

from functools import lru_cache
from math import nan
from typing import Any

import numpy as np
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
    E = 1, with zero gradient. A zero vector (entries up to ``SMALLEST``) has
    E = 0 to all others, with zero gradient.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).
        lambda_ (Tensor | float): Weight of the similarity, 0-d.

    Returns:
        Tensor: L of every image as planes, shape (3, B, H, W).
    """
    lambda_ = torch.as_tensor(lambda_).to(semantic)
    return _SemanticLaplacian.apply(semantic, lambda_)


def dense_matrix(laplacian: Tensor) -> Tensor:
    """The matrix of planes (3, B, H, W), shape (B, N, N)."""
    own, right, down = laplacian.flatten(2)
    width, size = laplacian.shape[-1], own.shape[1]
    upper = own.new_zeros(len(own), size, size)
    upper.diagonal(0, 1, 2).add_(own, alpha=0.5)
    upper.diagonal(1, 1, 2).add_(pairs(right, 1)[0])
    upper.diagonal(width, 1, 2).add_(pairs(down, width)[0])
    return upper + upper.mT


class _SemanticLaplacian(torch.autograd.Function):
    """L = (1 - lambda) (A - D) + lambda A o (1 - E), with n_i = S_i / |S_i|::

    1 - E_ij = |n_i - n_j|^2 / 2
    d(1 - E_ij) / dS_i = (E_ij n_i - n_j) / |S_i|
    dL / dlambda = D - A o E
    """

    @staticmethod
    def forward(ctx: FunctionCtx, semantic: Tensor, lambda_: Tensor) -> Tensor:
        batch, _, height, width = semantic.shape
        tokens = semantic.flatten(2)  # (B, C, N)
        pair = tokens.new_empty(2, *tokens.shape)
        scratch = torch.abs(tokens, out=pair[0])
        # a zero vector has no direction: NaN, until it meets another
        top = F.threshold(scratch.amax(1), SMALLEST, nan)
        # and as many numbers of any size as a last row has no neighbours
        padded = tokens.new_empty(tokens.numel() + width)
        unit = padded[: tokens.numel()].view(tokens.shape)
        # with a largest entry of 1 squares neither over- nor underflow
        torch.div(tokens, top[:, None], out=unit)
        factor = torch.mul(unit, unit, out=scratch).sum(1).rsqrt_()
        unit *= factor[:, None]
        inverse = (factor / top).nan_to_num_()  # 1 / |S|, or 0
        shape, strides = (2, *unit.shape), (width - 1, *unit.stride())
        near = padded.as_strided(shape, strides, 1)  # right, down
        distances = torch.sub(near, unit, out=pair).square_()
        apart = unit.new_empty(3, batch, height * width)  # 1 - E
        torch.sum(distances, 2, out=apart[1:])
        # does not wait for a GPU; on a CPU nothing is copied
        constants = torch.from_numpy(_grid(height, width))
        constants = constants.to(unit.device, unit.dtype, non_blocking=True)
        grid, half = constants[:3], constants[3:]
        apart.nan_to_num_(nan=2).mul_(half)
        noise = (ROUNDINGS * torch.finfo(unit.dtype).eps) ** 2 / 2
        F.threshold(apart, noise, 0, inplace=True)
        ctx.save_for_backward(semantic, lambda_, inverse, grid, apart)
        # exact at both ends, unlike grid + lambda (apart - grid)
        return torch.lerp(grid, apart, lambda_).unflatten(2, (height, width))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        semantic, lambda_, inverse, grid, apart = ctx.saved_tensors
        grad = grad.flatten(2)
        slope = apart - grid  # D - A o E
        into_lambda = grad.flatten().dot(slope.flatten())
        # g where 1 - E > 0, then 0 - lambda g: a launch each
        edges = torch.ops.aten.threshold_backward(grad[1:], apart[1:], 0)
        edges = torch.addcmul(apart[:1], edges, lambda_, value=-1)
        right, down = edges * slope[1:]
        own = right + down
        steps = 1, semantic.shape[-1]
        for plane, step in zip((right, down), steps, strict=True):
            pairs(own, step)[1].add_(pairs(plane, step)[0])
        unit = semantic.flatten(2) * inverse[:, None]
        total = unit * own[:, None]
        for plane, step in zip(edges[:, :, None], steps, strict=True):
            edge, _ = pairs(plane, step)
            first, second = pairs(unit, step)
            into_first, into_second = pairs(total, step)
            into_first.addcmul_(edge, second)
            into_second.addcmul_(edge, first)
        total *= inverse[:, None]
        return total.view_as(semantic), into_lambda


def pairs(values: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Views of all patches that have one ``step`` later, and of those.

    Neighbours are a constant step apart in the flattened grid, (..., N).
    """
    size = values.shape[-1] - step
    return values[..., :size], values[..., step:]


@lru_cache
def _grid(height: int, width: int) -> np.ndarray:
    """A - D as planes (3, 1, N), then half of A."""
    grid = np.ones((3, height, width), np.float32)
    own, right, down = grid
    own[:] = -4
    for border in (own[0], own[-1], own[:, 0], own[:, -1]):
        border += 1
    right[:, -1] = down[-1] = 0
    planes = np.concatenate((grid, 0 * grid[:1], grid[1:] / 2))
    return planes.reshape(6, 1, -1)
