"""The patch grid as a graph: similarity of neighbours and its Laplacian."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from .tokens import UnitTokens, unit_tokens


class GridLaplacian(NamedTuple):
    """A symmetric matrix over the H x W grid with 4-neighbour couplings.

    It stands for an (N, N) matrix, N = H W, in 3 N numbers an image.

    Attributes:
        planes (Tensor): L_ii, then L_ij of every patch and the one right of
            it, then of every patch and the one below it, shape (3, B, H, W).
            Zero in the last column and row, which have no such neighbour.
    """

    planes: Tensor

    def dense(self) -> Tensor:
        """The matrix itself, shape (B, N, N)."""
        _, batch, height, width = self.planes.shape
        own, right, down = self.planes
        index = torch.arange(height * width, device=own.device)
        index = index.view(height, width)
        rows, cols, values = [index], [index], [own]
        for here, there, value in (
            (index[:, :-1], index[:, 1:], right[..., :-1]),
            (index[:-1], index[1:], down[:, :-1]),
        ):
            rows += [here, there]
            cols += [there, here]
            values += [value, value]
        matrix = own.new_zeros(batch, index.numel(), index.numel())
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

    D - A couples direct neighbours only, so the cosine similarity E (Eq. 3)
    is needed on the 2 N edges of the grid and never on N^2 pairs. E_ii = 1.

    1 - E is taken as half the squared distance of the unit vectors: the
    difference would be rounding noise for a smooth map, which the min-max of
    the filter blows up to [0, 1]. Vectors that differ by rounding only have
    E = 1, with zero gradient. A patch whose entries are all zero (or smaller
    than about 1e-30) has E = 0 to all others, with zero gradient.

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).
        lambda_ (Tensor | float): Weight of the similarity, 0-d.
        tokens (UnitTokens, optional): Of S, if they are known.

    Returns:
        GridLaplacian: The matrix L of every image.
    """
    tokens = tokens or unit_tokens(semantic)
    lambda_ = torch.as_tensor(
        lambda_, dtype=semantic.dtype, device=semantic.device
    )
    return GridLaplacian(_SemanticLaplacian.apply(semantic, lambda_, *tokens))


def edge_dissimilarity(semantic: Tensor) -> tuple[Tensor, Tensor]:
    """One minus the cosine similarity E of neighbouring patches (Eq. 3).

    Args:
        semantic (Tensor): Semantic map S, shape (B, C, H, W).

    Returns:
        tuple[Tensor, Tensor]: 1 - E of every patch and the one right of it,
        shape (B, H, W - 1), and the one below it, shape (B, H - 1, W);
        values in [0, 2].
    """
    # lambda = 1 leaves 1 - E on the edges and 0 on the diagonal
    _, right, down = semantic_laplacian(semantic, 1.0).planes
    return right[..., :-1], down[:, :-1]


def grid_laplacian(height: int, width: int, like: Tensor) -> Tensor:
    """D - A, planes as in :class:`GridLaplacian`, shape (3, 1, H, W)."""
    present = F.pad(like.new_ones(height, width), (1, 1, 1, 1))
    right, down = present[1:-1, 2:], present[2:, 1:-1]
    left, up = present[1:-1, :-2], present[:-2, 1:-1]
    around = torch.stack([right, down, left, up])
    degree = around.sum(0, keepdim=True)
    return torch.cat([degree, -around[:2]])[:, None]


class _SemanticLaplacian(torch.autograd.Function):
    """L = (lambda - 1) (D - A) + lambda A o (1 - E).

    Keeps the unit vectors and no map; the adjoint is one more stencil.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        semantic: Tensor,
        lambda_: Tensor,
        unit: Tensor,
        length: Tensor,
        apart: Tensor,
    ) -> Tensor:
        height, width = semantic.shape[-2:]
        graph = grid_laplacian(height, width, like=unit)
        apart = apart * graph  # 2 A o (E - 1)
        ctx.save_for_backward(lambda_, unit, length, graph, apart)
        return torch.addcmul((lambda_ - 1) * graph, lambda_, apart, value=-0.5)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        lambda_, unit, length, graph, apart = ctx.saved_tensors
        width = grad.shape[-1]
        slope = torch.sub(graph, apart, alpha=0.5)  # (D - A) o E
        into_lambda = (grad * slope).sum()
        edges = grad[1:] * lambda_ * (apart[1:] < 0)
        # d(1 - E_ij) / dS_i = (E_ij n_i - n_j) / |S_i| with n = S / |S|
        parts = torch.stack([edges, edges * slope[1:]])
        parts = _at_patches(parts.flatten(2), width).unflatten(
            -1, length.shape
        )
        parts /= -length.masked_fill(length == 0, inf)
        others, own = parts.unbind(1)
        total = unit * own.sum(0)[:, None]
        for step, pair in zip((1, width), others.split(2), strict=True):
            first, second = _pairs(unit, step)
            into_first, into_second = _pairs(total, step)
            ahead, behind = pair[:, :, None]
            into_first.addcmul_(_pairs(ahead, step)[0], second)
            into_second.addcmul_(_pairs(behind, step)[1], first)
        into_semantic = total.unflatten(2, (-1, width))
        return into_semantic, into_lambda, None, None, None


def _at_patches(edges: Tensor, width: int) -> Tensor:
    """What patches have to their right, left, down and up.

    Args:
        edges (Tensor): Of every patch and the one right of it, and below,
            shape (..., 2, size); zero where that is none.
        width (int): W.

    Returns:
        Tensor: Shape (4, ..., size).
    """
    size = edges.shape[-1]
    right, down = F.pad(edges, (width, 0)).unbind(-2)
    parts = (right, 0), (right, -1), (down, 0), (down, -width)
    return torch.stack([p.narrow(-1, width + at, size) for p, at in parts])


def _pairs(values: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Views of all patches that have one ``step`` later, and of those."""
    size = values.shape[-1] - step
    return values.narrow(-1, 0, size), values.narrow(-1, step, size)
