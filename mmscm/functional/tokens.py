"""Tokens of a semantic map: directions, lengths, distances of neighbours."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .maps import SMALLEST

# Unit vectors as close as this many roundings of a number are equal.
ROUNDINGS = 4


class UnitTokens(NamedTuple):
    """Directions and lengths of all tokens, without gradient.

    A token whose entries are all smaller than ``SMALLEST`` has length 0 and
    direction 0. The backward passes need these and not the map itself.

    Attributes:
        unit (Tensor): n = S / |S|, shape (B, C, N), in the layout of S.
        length (Tensor): |S|, shape (B, N).
        apart (Tensor): |n_i - n_j|^2 = 2 - 2 E of every patch with itself
            (zero), with the one right of it and the one below it, shape
            (3, B, H, W). Any number where there is no such patch; 2 where
            one of the two has length 0.
    """

    unit: Tensor
    length: Tensor
    apart: Tensor


@torch.no_grad()
def unit_tokens(semantic: Tensor) -> UnitTokens:
    """Normalize all tokens, whatever their size, and compare neighbours.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).

    Returns:
        UnitTokens: Directions, lengths and distances.
    """
    planes = semantic.flatten(2)
    if not (planes.is_contiguous() or planes.mT.is_contiguous()):
        planes = planes.contiguous()
    # one for all products: fresh memory costs more than arithmetic
    scratch = planes.abs()
    largest = scratch.amax(1)
    scale = largest.masked_fill(largest < SMALLEST, inf)
    # with a largest entry of 1 squares neither over- nor underflow
    unit = planes / scale[:, None]
    torch.mul(_flat(unit), _flat(unit), out=_flat(scratch))
    norm = scratch.sum(1).sqrt_()  # 0 or at least 1
    unit.div_(norm.clamp(min=1)[:, None])
    apart = _squared_distances(unit, norm == 0, semantic.shape[-1], scratch)
    apart = apart.view(3, -1, *semantic.shape[-2:])
    return UnitTokens(unit, norm * largest, apart)


def _squared_distances(
    unit: Tensor, missing: Tensor, width: int, scratch: Tensor
) -> Tensor:
    """``UnitTokens.apart``, shape (3, B, N).

    Neighbours are a constant step apart in the flattened grid. The pairs
    that wrap around the end of a row or of an image are computed too, which
    is faster than to leave them out.
    """
    apart = unit.new_zeros(3, *missing.shape)
    vectors, differences = _flat(unit), _flat(scratch)
    patch = 1 if unit.is_contiguous() else unit.shape[1]
    for plane, step in zip(apart[1:], (1, width), strict=True):
        shift = step * patch
        difference = differences[:-shift]
        torch.sub(vectors[shift:], vectors[:-shift], out=difference)
        difference.square_()
        torch.sum(scratch, 1, out=plane)
    noise = (ROUNDINGS * torch.finfo(unit.dtype).eps) ** 2
    F.threshold(apart, noise, 0, inplace=True)
    # 1 - |unit|^2 = 1 for a zero vector, so that 1 - E = 1
    here = missing.flatten()
    there = F.pad(here, (0, width))
    there = there.as_strided((2, len(here)), (width - 1, 1), 1)
    apart[1:].flatten(1).add_(here).add_(there)
    return apart


def _flat(planes: Tensor) -> Tensor:
    """A view (B C N,) of planes (B, C, N) in the order of their memory."""
    return (planes if planes.is_contiguous() else planes.mT).flatten()


def scale_tokens(
    semantic: Tensor, factor: Tensor, tokens: UnitTokens
) -> Tensor:
    """Multiply every token by its factor, S' = S o f.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).
        factor (Tensor): f, shape (B, H, W).
        tokens (UnitTokens): Of S; kept for the backward pass in place of it.

    Returns:
        Tensor: S', same shape as S.
    """
    return _ScaleTokens.apply(semantic, factor, tokens.unit, tokens.length)


class _ScaleTokens(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx,
        semantic: Tensor,
        factor: Tensor,
        unit: Tensor,
        length: Tensor,
    ) -> Tensor:
        ctx.save_for_backward(factor, unit, length)
        return semantic * factor[:, None]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        factor, unit, length = ctx.saved_tensors
        result = grad * unit.view_as(grad)
        into_factor = result.sum(1) * length.view_as(factor)
        # in the same memory, which a fresh product would have to touch anew
        result.copy_(grad).mul_(factor[:, None])
        return result, into_factor, None, None
