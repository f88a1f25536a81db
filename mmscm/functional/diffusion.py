"""Diffusion of activation with an approximate inverse of L (Eqs. 5 and 6)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .laplacian import dense_matrix, pairs

# Measured at 14 x 14 on a CPU: 2^p stencil passes cost less than p products
# of N x N matrices up to about here, and the gap grows with N.
MAX_SERIES_ITERS = 8

# On a GPU launches cost more than arithmetic. With N x N matrices the 2^p
# terms take p products and not 2^(p + 2) passes: a block has 120 launches at
# p = 4, forward and backward, in place of 272. It costs p N^3 multiplications
# and (p + 1) N^2 numbers an image (0.8 MB at 14 x 14).
MAX_DENSE_PATCHES = 400


def diffuse(
    attention: Tensor,
    laplacian: Tensor,
    num_iters: int,
    init_scale: float = 0.002,
    detach_init: bool = True,
) -> Tensor:
    """Diffuse activation, F^ = X_p flatten(F) (Eq. 5).

    X_p approximates the inverse of L by p Newton-Schulz steps (Eq. 6):
    X_0 = alpha L^T, X_{k+1} = X_k (2 I - L X_k).

    Args:
        attention (Tensor): Activation F, shape (B, H, W).
        laplacian (Tensor): L of every image as planes, shape (B, 3, H, W),
            see :func:`semantic_laplacian`.
        num_iters (int): p, number of Newton-Schulz steps, >= 0.
        init_scale (float): alpha; less in images with which Eq. 6 would
            diverge, see :func:`convergent_scale`.
        detach_init (bool): Keep X_0 out of the graph as the released code
            does. False gives the gradient of the paper's formula, always
            at the cost of N x N matrices. The value is the same.

    Returns:
        Tensor: Diffused activation F^, shape (B, H, W).
    """
    if detach_init and num_iters <= MAX_SERIES_ITERS:
        return _Series.apply(attention, laplacian, num_iters, init_scale)
    inverse = newton_schulz(
        dense_matrix(laplacian), num_iters, init_scale, detach_init
    )
    return (inverse @ attention.flatten(1)[..., None]).view_as(attention)


def newton_schulz(
    matrix: Tensor,
    num_iters: int,
    init_scale: float = 0.002,
    detach_init: bool = True,
) -> Tensor:
    """Approximate the inverse of a symmetric matrix (Eq. 6), the dense way.

    Args:
        matrix (Tensor): L, shape (B, N, N).
        num_iters (int): p.
        init_scale (float): alpha.
        detach_init (bool): See :func:`diffuse`.

    Returns:
        Tensor: X_p, shape (B, N, N).
    """
    scale = convergent_scale(matrix.abs().sum(2), init_scale)
    inverse = scale[..., None] * matrix.mT
    if detach_init:
        inverse = inverse.detach()
    for _ in range(num_iters):
        inverse = 2 * inverse - inverse @ (matrix @ inverse)
    return inverse


def convergent_scale(row_sums: Tensor, scale: float) -> Tensor:
    """alpha, or the largest value with which Eq. 6 does not diverge.

    The factors of u_k = (I - alpha L L^T)^k F have the size of at most 1
    while alpha |L|_2^2 <= 2, and |L|_2 <= |L|_inf. At alpha = 0.002 that is
    every L with lambda from -2.9 to 3.9, and there the result is alpha.

    Differs from the released code: that overflows at such lambda.

    Args:
        row_sums (Tensor): Sums of magnitudes in the rows of L, shape (B, N).
        scale (float): alpha.

    Returns:
        Tensor: min(alpha, 2 / |L|_inf^2), shape (B, 1).
    """
    norm = row_sums.detach().amax(1, keepdim=True)
    return (2 * norm**-2).clamp(max=scale)


class _Series(torch.autograd.Function):
    """X_p F as a series of n = 2^p terms, with K = X_0 = alpha L::

        X_p = sum_{k < n} R^k K,    R = I - L K
        F^ = sum_{k < n} z_k,       z_k = R^k K F

    All of these matrices are symmetric and commute. With X_0 kept out of the
    graph, the adjoint is the same recurrence, from the gradient g of F^::

        dF = sum_{j < n} w_j,       w_j = R^j K g
        dL = -sum_{k < n - 1} a_k z_k^T,    a_k = sum_{j < n - 1 - k} w_j
    """

    @staticmethod
    def forward(
        ctx: Any,
        attention: Tensor,
        laplacian: Tensor,
        num_iters: int,
        init_scale: float,
    ) -> Tensor:
        dense = attention.is_cuda and attention[0].numel() <= MAX_DENSE_PATCHES
        ctx.kind = _DenseMatrix if dense else _StencilMatrix
        matrix = ctx.kind.of(laplacian, num_iters, init_scale)
        terms = matrix.terms(attention.flatten(1), 2**num_iters)
        ctx.save_for_backward(terms, *matrix.parts)
        return terms.sum(0).view_as(attention)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        terms, *parts = ctx.saved_tensors
        matrix = ctx.kind(*parts)
        sums = matrix.terms(grad.flatten(1), len(terms)).cumsum(0)
        into_laplacian = matrix.minus_entries(
            sums[:-1].flip(0), terms[:-1], grad.shape[-1]
        )
        into_laplacian = into_laplacian.unflatten(2, grad.shape[1:])
        return sums[-1].view_as(grad), into_laplacian, None, None


class _StencilMatrix:
    """L and K as what each row weighs of the 3 x 3 patches around.

    The patches of a batch are one vector of B N numbers, in which neighbours
    are a constant step apart, with zeros before and after it. Where a row or
    an image ends the weights are zero, so that nothing leaks into the next.

    Args:
        weights (Tensor): Of L, shape (3, 3, B, H, W).
        scaled (Tensor): Of K, same shape.
    """

    def __init__(self, weights: Tensor, scaled: Tensor) -> None:
        self.parts = weights, scaled

    @classmethod
    def of(
        cls, laplacian: Tensor, num_iters: int, init_scale: float
    ) -> _StencilMatrix:
        """From planes (B, 3, H, W), any p, and alpha."""
        own, right, down = laplacian.unbind(1)
        weights = own.new_zeros(3, 3, *own.shape)
        weights[1, 1] = own
        weights[1, 2] = right
        weights[2, 1] = down
        weights[1, 0, ..., 1:] = right[..., :-1]
        weights[0, 1, :, 1:] = down[:, :-1]
        row_sums = weights.abs().sum((0, 1)).flatten(1)
        scale = convergent_scale(row_sums, init_scale)
        return cls(weights, weights * scale[..., None])

    def terms(self, vector: Tensor, count: int) -> Tensor:
        """R^k K v for k < count, of v (B, N); shape (count, B, N)."""
        weights, scaled = (part.flatten(2) for part in self.parts)
        width = self.parts[0].shape[-1]
        margin = width + 1
        padded = vector.new_zeros(count + 2, vector.numel() + 2 * margin)
        scratch, start, *terms = padded[:, margin:-margin]
        around = [_around(row, width) for row in padded]
        product = torch.empty_like(weights)
        start.copy_(vector.flatten())
        torch.mul(scaled, around[1], out=product)
        torch.sum(product, (0, 1), out=terms[0])
        for k in range(1, count):
            torch.mul(scaled, around[k + 1], out=product)
            torch.sum(product, (0, 1), out=scratch)
            torch.mul(weights, around[0], out=product)
            torch.sub(terms[k - 1], product.sum((0, 1)), out=terms[k])
        return padded[2:, margin:-margin].unflatten(1, vector.shape)

    @staticmethod
    def minus_entries(rows: Tensor, cols: Tensor, width: int) -> Tensor:
        """Minus the sum of row_k col_k^T where L has entries.

        Args:
            rows (Tensor): Vectors, shape (K, B, N).
            cols (Tensor): Vectors, shape (K, B, N).
            width (int): W.

        Returns:
            Tensor: As planes, shape (B, 3, N); any number where they have to
            be zero.
        """
        planes = rows.new_zeros(rows.shape[1], 3, rows.shape[2])
        torch.sum(rows * cols, 0, out=planes[:, 0])
        for plane, step in ((planes[:, 1], 1), (planes[:, 2], width)):
            (row, next_row), (col, next_col) = (
                pairs(vectors, step) for vectors in (rows, cols)
            )
            # L is symmetric: a coupling is two entries
            both = (row * next_col).addcmul_(next_row, col)
            torch.sum(both, 0, out=pairs(plane, step)[0])
        return planes.neg_()


def _around(padded: Tensor, width: int) -> Tensor:
    """The 3 x 3 patches around all patches, a view (3, 3, B N)."""
    size = len(padded) - 2 * width - 2
    return padded.unfold(0, size + 2, width).unfold(1, size, 1)


class _DenseMatrix:
    """The same with all N x N entries.

    Args:
        scaled (Tensor): K, shape (B, N, N).
        powers (Tensor): R, R^2, R^4, ..., p of them, same shape.
    """

    def __init__(self, scaled: Tensor, *powers: Tensor) -> None:
        self.parts = scaled, *powers

    @classmethod
    def of(
        cls, laplacian: Tensor, num_iters: int, init_scale: float
    ) -> _DenseMatrix:
        """From planes (B, 3, H, W), p and alpha."""
        matrix = dense_matrix(laplacian)
        row_sums = torch.linalg.vector_norm(matrix, 1, dim=2)
        scale = convergent_scale(row_sums, init_scale)
        scaled = matrix * scale[..., None]
        power = _minus_product(matrix, scaled)
        power.diagonal(0, 1, 2).add_(1)
        powers = [power]
        for _ in range(num_iters - 1):
            powers.append(powers[-1] @ powers[-1])
        return cls(scaled, *powers[:num_iters])

    def terms(self, vector: Tensor, count: int) -> Tensor:
        """R^k K v for k < count, of v (B, N); shape (count, B, N).

        The first m terms times R^m are the next m.
        """
        scaled, *powers = self.parts
        terms = vector.new_empty(len(vector), count, vector.shape[1])
        torch.bmm(vector[:, None], scaled, out=terms[:, :1])
        for k, power in enumerate(powers):
            known = 2**k
            after = terms[:, known : 2 * known]
            torch.bmm(terms[:, :known], power, out=after)
        return terms.transpose(0, 1)

    @staticmethod
    def minus_entries(rows: Tensor, cols: Tensor, width: int) -> Tensor:
        """As that of the stencil, from the whole product."""
        product = _minus_product(rows.permute(1, 2, 0), cols.transpose(0, 1))
        planes = rows.new_zeros(len(product), 3, product.shape[1])
        planes[:, 0] = product.diagonal(0, 1, 2)
        for plane, step in ((planes[:, 1], 1), (planes[:, 2], width)):
            torch.add(
                product.diagonal(step, 1, 2),
                product.diagonal(-step, 1, 2),
                out=pairs(plane, step)[0],
            )
        return planes


def _minus_product(first: Tensor, second: Tensor) -> Tensor:
    """-A B in one launch."""
    # beta = 0 leaves the first argument out
    return torch.baddbmm(first.new_empty(()), first, second, beta=0, alpha=-1)
