"""The neck as its formulas stand: N x N matrices, autograd through all.

The reference that the O(N) neck is measured against; nothing else uses it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def dense_block(
    semantic: Tensor,
    attention: Tensor,
    lambda_: Tensor,
    beta: Tensor,
    num_iters: int = 4,
    init_scale: float = 0.002,
) -> tuple[Tensor, Tensor]:
    """One activation diffusion block, Eqs. 3 to 7.

    Args:
        semantic (Tensor): S, shape (B, C, H, W).
        attention (Tensor): F, shape (B, H, W).
        lambda_ (Tensor): Weight of the similarity, 0-d.
        beta (Tensor): Filtering threshold, 0-d.
        num_iters (int): p.
        init_scale (float): alpha.

    Returns:
        tuple[Tensor, Tensor]: S' and F', same shapes.
    """
    unit = F.normalize(semantic.flatten(2), dim=1)
    similarity = unit.mT @ unit  # (B, N, N)
    laplacian = grid_laplacian(*semantic.shape[-2:]).to(semantic)
    laplacian = laplacian * (lambda_ * similarity - 1)
    identity = torch.eye(laplacian.shape[-1], device=semantic.device)
    inverse = (init_scale * laplacian.mT).detach()
    for _ in range(num_iters):
        inverse = inverse @ (2 * identity - laplacian @ inverse)
    diffused = inverse @ attention.flatten(1)[..., None]  # (B, N, 1)
    strong = diffused / (beta * attention.amax((1, 2))[:, None, None])
    strong = strong - strong.tanh()
    low, high = strong.amin(1, keepdim=True), strong.amax(1, keepdim=True)
    update = ((strong - low) / (high - low)).view_as(attention)
    return semantic + semantic * update[:, None], attention + update


def grid_laplacian(height: int, width: int) -> Tensor:
    """D - A of the 4-neighbour grid, shape (N, N)."""
    cells = torch.cartesian_prod(torch.arange(height), torch.arange(width))
    steps = (cells[:, None] - cells).abs().sum(-1)
    adjacency = (steps == 1).float()
    return adjacency.sum(1).diag() - adjacency
