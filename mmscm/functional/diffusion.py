"""Diffusion of activation with an approximate inverse of L (Eqs. 5 and 6)."""

from __future__ import annotations

from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from .laplacian import dense_matrix

# Measured at 14 x 14 on a CPU: 2^p stencil passes cost less than p products
# of N x N matrices up to about here, and the gap grows with N.
MAX_SERIES_ITERS = 8

# On a GPU launches cost more than arithmetic: up to here a block takes N x N
# matrices, p + 1 an image (0.8 MB at 14 x 14), and has 120 in place of 196.
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
        laplacian (Tensor): L of :func:`semantic_laplacian`, (3, B, H, W).
        num_iters (int): p, number of Newton-Schulz steps, >= 0.
        init_scale (float): alpha; less in images with which Eq. 6 would
            diverge, see :func:`convergent_scale`.
        detach_init (bool): Keep X_0 out of the graph as the released code
            does. False gives the gradient of the paper's formula. The value
            is the same.

    Returns:
        Tensor: Diffused activation F^, shape (B, H, W).
    """
    if num_iters <= MAX_SERIES_ITERS:
        series = attention, laplacian, num_iters, init_scale
        if detach_init and _prefers_dense(attention):
            return _DenseSeries.apply(*series)
        return _Series.apply(*series, detach_init)
    matrix = dense_matrix(laplacian)
    inverse = newton_schulz(matrix, num_iters, init_scale, detach_init)
    return (inverse @ attention.flatten(1)[..., None]).view_as(attention)


def newton_schulz(
    matrix: Tensor,
    num_iters: int,
    init_scale: float = 0.002,
    detach_init: bool = True,
) -> Tensor:
    """X_p of a symmetric L (B, N, N) by Eq. 6 as it stands, same shape.

    Further arguments as in :func:`diffuse`. Products of float32 have to be
    exact: with TF32 the p = 16 steps of the released code lose their digits.
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

    Differs from the released code: that overflows at larger ones.

    ``row_sums`` (B, N) are of the magnitudes in the rows of L; the result
    is min(alpha, 2 / |L|_inf^2), shape (B, 1).
    """
    return 2 * _half_scale(row_sums, scale)


def _half_scale(row_sums: Tensor, scale: float) -> Tensor:
    norm = row_sums.detach().amax(1, keepdim=True)
    return (norm**-2).clamp(max=scale / 2)


class _Series(torch.autograd.Function):
    """X_p F as a series of n = 2^p terms, with K = X_0 = alpha L::

        X_p = sum_{k < n} R^k K,    R = I - L K
        F^ = sum_{k < n} z_k,       z_k = R^k K F

    All of these matrices are symmetric and commute. The adjoint is the same
    recurrence, from the gradient g of F^::

        dF = sum_{j < n} w_j,       w_j = R^j K g
        dL = -sum_{k < n - 1} a_k z_k^T,    a_k = sum_{j < n - 1 - k} w_j
        dK = sum_{k < n} (R^{n - 1 - k} g) (R^k F)^T
    """

    @staticmethod
    def forward(
        ctx: Any,
        attention: Tensor,
        laplacian: Tensor,
        num_iters: int,
        init_scale: float,
        detach_init: bool,
    ) -> Tensor:
        batch, height, width = attention.shape
        grid, ctx.count = _Grid(batch * height * width, width), 2**num_iters
        rows = grid.rows(laplacian.flatten(1))
        images = grid.inside(rows).unflatten(1, (batch, -1))
        scale = convergent_scale(images.abs().sum(0), init_scale)
        root = scale.sqrt()
        images *= root  # alpha^(1/2) L, whose square is L K
        residual = grid.residual(rows)
        start = grid.multiply(rows, attention.flatten(1) * root)
        terms = grid.powers(residual, start, ctx.count)
        ctx.grid, ctx.detach_init = grid, detach_init
        ctx.save_for_backward(attention, root, rows, residual, terms)
        return grid.inside(terms).sum(0).view_as(attention)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        attention, root, rows, residual, terms = ctx.saved_tensors
        grid, count = ctx.grid, ctx.count
        start = grid.multiply(rows, grad.flatten(1) * root)
        sums = grid.powers(residual, start, count).cumsum(0)
        planes = grid.entries(sums[:-1].flip(0), terms[:-1]).neg_()
        planes = planes.unflatten(1, grad.shape)
        if not ctx.detach_init:
            left = grid.powers(residual, grad.flatten(), count).flip(0)
            right = grid.powers(residual, attention.flatten(), count)
            into_first = grid.entries(left, right).view_as(planes)
            planes.addcmul_(into_first, root[..., None].square())
        into_attention = grid.inside(sums[-1]).view_as(grad)
        return into_attention, planes, None, None, None


def _prefers_dense(maps: Tensor) -> bool:
    # TF32 would cost digits; torch before 2.9 has the other name only
    matmul = torch.backends.cuda.matmul
    precision = getattr(matmul, 'fp32_precision', None)
    precision = precision or torch.get_float32_matmul_precision()
    small = maps.is_cuda and maps[0].numel() <= MAX_DENSE_PATCHES
    return small and precision in ('ieee', 'none', 'highest')


class _DenseSeries(torch.autograd.Function):
    """The same in matrices (B, N, N), where R^m times m terms are the next."""

    @staticmethod
    def forward(
        ctx: Any,
        attention: Tensor,
        laplacian: Tensor,
        num_iters: int,
        init_scale: float,
    ) -> Tensor:
        matrix = dense_matrix(laplacian)
        row_sums = torch.linalg.vector_norm(matrix, 1, dim=2)
        half = matrix * _half_scale(row_sums, init_scale)[..., None]  # K / 2
        powers = [_product(matrix, half, -2, out=torch.empty_like(matrix))]
        powers[0].diagonal(0, 1, 2).add_(1)
        for _ in range(num_iters - 1):
            powers.append(torch.bmm(powers[-1], powers[-1]))
        powers = powers[:num_iters]
        sums = _terms(attention, half, powers).cumsum(1)
        ctx.save_for_backward(sums, half, *powers)
        return sums[:, -1].reshape(attention.shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        sums, half, *powers = ctx.saved_tensors
        (batch, _, size), width = sums.shape, grad.shape[-1]
        # w_j meets the sum of the z_k with k < n - 1 - j
        terms = _terms(grad, half, powers, last_first=True)
        padded = grad.new_zeros(batch, size + width, size)
        rows, cols = terms[:, 1:].mT, sums[:, :-1]
        entries = _product(rows, cols, -1, out=padded[:, :size])
        planes = grad.new_empty(3, batch, size)
        planes[0] = entries.diagonal(0, 1, 2)
        # a patch and those right and down of it, and the other way around
        shape, steps = (2, batch, size), (padded.stride(0), size + 1)
        upper = padded.as_strided(shape, (width - 1, *steps), 1)
        lower = padded.as_strided(shape, (size * (width - 1), *steps), size)
        torch.add(upper, lower, out=planes[1:])
        planes = planes.unflatten(2, grad.shape[1:])
        return terms.sum(1).view_as(grad), planes, None, None


def _terms(
    maps: Tensor, half: Tensor, powers: list[Tensor], last_first: bool = False
) -> Tensor:
    """R^k K v for k < 2^p of v (B, H, W), shape (B, 2^p, N)."""
    vector = maps.flatten(1)[:, None]
    terms = vector.new_empty(len(vector), 2 ** len(powers), vector.shape[2])
    start = terms[:, -1:] if last_first else terms[:, :1]
    _product(vector, half, 2, out=start)
    for k, power in enumerate(powers):
        m = 2**k
        known, after = slice(m), slice(m, 2 * m)
        if last_first:
            known, after = slice(-m, None), slice(-2 * m, -m)
        torch.bmm(terms[:, known], power, out=terms[:, after])
    return terms


def _product(left: Tensor, right: Tensor, factor: int, out: Tensor) -> Tensor:
    # one launch: with beta = 0 what stands in it is not read
    return torch.baddbmm(out, left, right, beta=0, alpha=factor, out=out)


class _Grid:
    """Matrices over the patches of a batch as what their rows weigh.

    A vector (length,) is the B N patches of all images in a row with zeros
    before and after. What is up, right, left and down of a patch is -W, 1, -1
    and W behind it: a lattice of steps W - 1 and W + 1, so the neighbours of
    all patches are one strided view. That the last patch of a row is no
    neighbour of the first of the next is up to the matrices: it weighs zero.
    """

    def __init__(self, size: int, width: int) -> None:
        self.size, self.width, self.margin = size, width, 3 * width

    def pad(self, values: Tensor) -> Tensor:
        """Vectors (..., length) of values (..., B N)."""
        return F.pad(values, (self.margin, self.margin))

    def inside(self, vectors: Tensor, offset: int = 0) -> Tensor:
        """What is at an offset of all patches, a view (..., B N)."""
        return vectors.narrow(-1, self.margin + offset, self.size)

    def around(self, vectors: Tensor, *counts: int) -> Tensor:
        """Patches in steps of (W,) W - 1 and W + 1, (..., *counts, B N).

        With counts (2, 2) it is what is up, right, left and down of patches,
        with (2, 3, 3) what :meth:`residual` weighs.
        """
        steps = (self.width, self.width - 1, self.width + 1)[-len(counts) :]
        first = self.inside(vectors, -self.width * (len(counts) - 1))
        return first.as_strided(
            (*first.shape[:-1], *counts, self.size),
            (*first.stride()[:-1], *steps, 1),
        )

    def rows(self, planes: Tensor) -> Tensor:
        """What L weighs: the patch, then as :meth:`around`; (5, length)."""
        own, right, down = self.pad(planes)
        up, left = down.roll(self.width), right.roll(1)
        return torch.stack((own, up, right, left, down))

    def multiply(self, rows: Tensor, maps: Tensor) -> Tensor:
        """A matrix (5, length) times maps (B, N), shape (B N,)."""
        own, vector = self.inside(rows[0]), maps.flatten()
        near = self.inside(rows[1:]).unflatten(0, (2, 2))
        parts = near * self.around(self.pad(vector), 2, 2)
        return parts.sum((0, 1)).addcmul_(own, vector)

    def residual(self, rows: Tensor) -> Tensor:
        """What I - Q Q of Q (5, length) weighs, shape (2, 3, 3, B N).

        First of patches an even number of steps away, then in the first two
        rows and columns of those an odd number away.
        """
        own, near = rows[0], rows[1:].unflatten(0, (2, 2))
        here, beside = self.inside(own), self.inside(near)
        there = self.around(near, 2, 2)
        weights = rows.new_zeros(2, 3, 3, self.size)
        even, odd = weights[0], weights[1, :2, :2]
        even[1, 1].fill_(1).addcmul_(here, here, value=-1)
        # row i of Q Q is the sum of Q_ij times row j
        odd.addcmul_(beside, self.around(own, 2, 2) + here, value=-1)
        for a, b in product(range(2), repeat=2):
            part = even[a : a + 2, b : b + 2]
            part.addcmul_(beside[a, b], there[:, :, a, b], value=-1)
        return weights

    def powers(self, residual: Tensor, start: Tensor, count: int) -> Tensor:
        """R^k v for k < count of v (B N,), shape (count, length)."""
        vectors = start.new_zeros(count, self.size + 2 * self.margin)
        inside, reach = self.inside(vectors), self.around(vectors, 2, 3, 3)
        parts = torch.empty_like(residual)
        inside[0] = start
        for before, after in zip(reach[:-1], inside[1:], strict=True):
            torch.mul(residual, before, out=parts)
            torch.sum(parts, (0, 1, 2), out=after)
        return vectors

    def entries(self, rows: Tensor, cols: Tensor) -> Tensor:
        """The sum over k of rows_k cols_k^T (K, length) where L has entries.

        As planes (3, B N); any number where they have to be zero.
        """
        row, col = self.inside(rows), self.inside(cols)
        planes = row.new_empty(3, self.size)
        torch.sum(row * col, 0, out=planes[0])
        for plane, step in zip(planes[1:], (1, self.width), strict=True):
            # L is symmetric: a coupling is two entries
            both = row * self.inside(cols, step)
            both.addcmul_(self.inside(rows, step), col)
            torch.sum(both, 0, out=plane)
        return planes
