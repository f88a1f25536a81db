"""Tokens of a semantic map as directions and lengths."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .maps import SMALLEST


class UnitTokens(NamedTuple):
    """Directions and lengths of all tokens, without gradient.

    A token whose entries are all smaller than ``SMALLEST`` has length 0 and
    direction 0. The backward passes need these two and not the map itself.

    Attributes:
        unit (Tensor): S / |S|, shape (B, C, N), in the layout of S.
        length (Tensor): |S|, shape (B, N).
    """

    unit: Tensor
    length: Tensor


@torch.no_grad()
def unit_tokens(semantic: Tensor) -> UnitTokens:
    """Normalize all tokens, whatever their size.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).

    Returns:
        UnitTokens: Directions and lengths.
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
    torch.mul(flat(unit), flat(unit), out=flat(scratch))
    norm = scratch.sum(1).sqrt_()  # 0 or at least 1
    unit.div_(norm.clamp(min=1)[:, None])
    return UnitTokens(unit, norm * largest)


def flat(planes: Tensor) -> Tensor:
    """A view (B C N,) of planes (B, C, N) in the order of their memory."""
    return (planes if planes.is_contiguous() else planes.mT).flatten()


def patch_stride(planes: Tensor) -> int:
    """How far neighbouring patches are apart in :func:`flat`."""
    return 1 if planes.is_contiguous() else planes.shape[1]


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
    return _ScaleTokens.apply(semantic, factor, *tokens)


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
