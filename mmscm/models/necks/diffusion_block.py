"""Activation diffusion block (Sec. 3.2, Figure 2 right)."""

from __future__ import annotations

from math import inf

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmscm.functional.diffusion import diffuse
from mmscm.functional.filtering import filter_diffused
from mmscm.functional.laplacian import semantic_laplacian
from mmscm.functional.maps import min_max_normalize


class ActivationDiffusionBlock(BaseModule):
    """One activation diffusion block (ADB).

    Args:
        num_iters (int): p, number of Newton-Schulz steps, >= 0. Paper: 4.
        init_scale (float): alpha of X_0 = alpha L^T; less where Eq. 6 would
            diverge.
        init_lambda (float): First value of lambda, which is learned.
        init_beta (float): First value of beta, which is learned.
        detach_init (bool): Keep X_0 out of the graph, as the released code
            does; False is the gradient of the paper's formula.
        learn_lambda (bool): False keeps ``init_lambda``; with 0 diffusion
            ignores semantic similarity.
        with_filter (bool): False leaves Eq. 7 out: u = minmax(F^).
        with_residual (bool): False is S' = S o u and F' = u, the paper's
            formula without the released code's residual connections.
    """

    def __init__(
        self,
        num_iters: int = 4,
        init_scale: float = 0.002,
        init_lambda: float = 1.0,
        init_beta: float = 0.5,
        detach_init: bool = True,
        learn_lambda: bool = True,
        with_filter: bool = True,
        with_residual: bool = True,
    ) -> None:
        super().__init__()
        if num_iters < 0:
            raise ValueError(
                f'Expected `num_iters` >= 0, but got {num_iters}.'
            )
        if not 0 < init_scale < inf:
            raise ValueError(
                f'Expected `init_scale` > 0, but got {init_scale}.'
            )
        self.num_iters = num_iters
        self.init_scale = init_scale
        self.detach_init = detach_init
        self.with_filter = with_filter
        self.with_residual = with_residual
        # parameters in every ablation, so that checkpoints are alike
        self.lambda_ = nn.Parameter(
            torch.tensor(float(init_lambda)), requires_grad=learn_lambda
        )
        self.beta = nn.Parameter(
            torch.tensor(float(init_beta)), requires_grad=with_filter
        )

    @torch.compiler.disable  # its functions write into views of their buffers
    def forward(
        self, semantic: Tensor, attention: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Calibrate one pair of maps (Sec. 3.2).

        Differs from the paper: F is updated too, and both updates are
        residual, S' = S + S o u and F' = F + u, as in the released code.

        Args:
            semantic (Tensor): Semantic map S^l, shape (B, C, H, W).
            attention (Tensor): Attention map F^l, shape (B, H, W).

        Returns:
            tuple[Tensor, Tensor]: S^{l+1} and F^{l+1}, same shapes.
        """
        laplacian = semantic_laplacian(semantic, self.lambda_)
        diffused = diffuse(
            attention,
            laplacian,
            self.num_iters,
            self.init_scale,
            self.detach_init,
        )
        update = self.filter(diffused, attention)
        if not self.with_residual:
            return semantic * update[:, None], update
        return semantic * (1 + update)[:, None], attention + update

    def filter(self, diffused: Tensor, attention: Tensor) -> Tensor:
        """Update u in [0, 1], shape (B, H, W) (Eq. 7)."""
        if self.with_filter:
            return filter_diffused(diffused, attention, self.beta)
        return min_max_normalize(diffused)
