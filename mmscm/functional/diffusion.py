"""Activation diffusion (Sec. 3.2): Newton-Schulz at the cost of a stencil."""

from __future__ import annotations

import torch
from torch import Tensor

from .grid import GridLaplacian
from .stencil import convergent_scale, stencil_diffusion

# Measured at 14 x 14 on a CPU: 2^p stencil passes cost less than p products
# of N x N matrices up to about here, and the gap grows with N.
MAX_STENCIL_ITERS = 8

METHODS = ('auto', 'stencil', 'newton_schulz')


def diffuse(
    attention: Tensor,
    laplacian: GridLaplacian,
    num_iters: int,
    init_scale: float = 0.002,
    detach_init: bool = True,
    method: str = 'auto',
) -> Tensor:
    """Diffuse activation, F^ = X_p flatten(F) (Eq. 5).

    X_p approximates the inverse of L by p Newton-Schulz steps (Eq. 6):
    X_0 = alpha L^T, X_{k+1} = X_k (2 I - L X_k).

    Args:
        attention (Tensor): Activation F, shape (B, H, W).
        laplacian (GridLaplacian): The matrix L of every image.
        num_iters (int): p, number of Newton-Schulz steps, >= 0.
        init_scale (float): alpha; less in images with which Eq. 6 would
            diverge, see :func:`convergent_scale`.
        detach_init (bool): Keep X_0 out of the graph as the released code
            does. False gives the gradient of the paper's formula. The
            value is the same.
        method (str): 'stencil' (cost N 2^p), 'newton_schulz' (cost p N^3)
            or 'auto', the cheaper of the two.

    Returns:
        Tensor: Diffused activation F^, shape (B, H, W).
    """
    if method not in METHODS:
        raise ValueError(
            f'Expected `method` to be one of {METHODS}, but got {method!r}.'
        )
    if method == 'auto':
        cheap = num_iters <= MAX_STENCIL_ITERS
        method = 'stencil' if cheap else 'newton_schulz'
    if method == 'stencil':
        return stencil_diffusion(
            attention, laplacian, num_iters, init_scale, detach_init
        )
    inverse = newton_schulz(
        laplacian.dense(), num_iters, init_scale, detach_init
    )
    return (inverse @ attention.flatten(1)[..., None]).view_as(attention)


def newton_schulz(
    matrix: Tensor,
    num_iters: int,
    init_scale: float = 0.002,
    detach_init: bool = True,
) -> Tensor:
    """Approximate the inverse of a matrix (Eq. 6), the dense way.

    Args:
        matrix (Tensor): L, shape (B, N, N).
        num_iters (int): p.
        init_scale (float): alpha.
        detach_init (bool): See :func:`diffuse`.

    Returns:
        Tensor: X_p, shape (B, N, N).
    """
    # |L|_2^2 <= |L|_1 |L|_inf
    size = matrix.detach().abs()
    norms = [size.sum(axis).amax(1) for axis in (1, 2)]
    norm = torch.sqrt(norms[0] * norms[1])[:, None, None]
    inverse = convergent_scale(norm, init_scale) * matrix.mT
    if detach_init:
        inverse = inverse.detach()
    for _ in range(num_iters):
        inverse = 2 * inverse - inverse @ (matrix @ inverse)
    return inverse
