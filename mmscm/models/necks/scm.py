"""Spatial calibration module: a stack of activation diffusion blocks."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmscm.functional.diffusion import diffuse
from mmscm.functional.filtering import filter_diffused
from mmscm.functional.laplacian import semantic_laplacian
from mmscm.functional.maps import at_least_float32, min_max_normalize
from mmscm.registry import MODELS


@MODELS.register_module()
class SCM(BaseModule):
    """Spatial calibration module: a stack of diffusion blocks (Sec. 3.2).

    A neck for training only. It runs in float32 (or float64) under any
    autocast. Which sizes of the maps, of lambda and of beta give finite
    values and gradients stands in docs/reliability/numbers.md.

    Args:
        num_blocks (int): L, number of blocks. Paper: 4.
        num_iters (int | Sequence[int]): p, Newton-Schulz steps, of all
            blocks or one for each. Paper: 4; released code: (16, 4, 4, 4).
        init_cfg (dict, optional): See mmengine's BaseModule.
        **block: Further arguments of every
            :class:`ActivationDiffusionBlock`.
    """

    def __init__(
        self,
        num_blocks: int = 4,
        num_iters: int | Sequence[int] = 4,
        init_cfg: dict | None = None,
        **block: Any,
    ) -> None:
        super().__init__(init_cfg)
        if num_blocks < 0:
            raise ValueError(
                f'Expected `num_blocks` >= 0, but got {num_blocks}.'
            )
        if isinstance(num_iters, int):
            num_iters = [num_iters] * num_blocks
        if len(num_iters) != num_blocks:
            raise ValueError(
                'Expected `num_iters` to be an int or one int for each of '
                f'the {num_blocks} blocks, but got {num_iters}.'
            )
        self.blocks = nn.ModuleList(
            ActivationDiffusionBlock(iters, **block) for iters in num_iters
        )

    def forward(
        self, semantic: Tensor, attention: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Calibrate both maps (Figure 2, right).

        S^0, shape (B, C, H, W), and F^0 in [0, 1], shape (B, H, W), to S^L
        and F^L, float32 unless the input is float64.
        """
        return self.steps(semantic, attention)[-1]

    def steps(
        self, semantic: Tensor, attention: Tensor
    ) -> list[tuple[Tensor, Tensor]]:
        """The maps S^l and F^l before, between and after the L blocks."""
        maps = [(at_least_float32(semantic), at_least_float32(attention))]
        with torch.autocast(semantic.device.type, enabled=False):
            for block in self.blocks:
                maps.append(block(*maps[-1]))
        return maps

    def learned_scalars(self) -> dict[str, Tensor]:
        """lambda and beta of every block, detached, for the log."""
        scalars = {}
        for index, block in enumerate(self.blocks):
            scalars[f'scm/lambda_{index}'] = block.lambda_.detach()
            scalars[f'scm/beta_{index}'] = block.beta.detach()
        return scalars


class ActivationDiffusionBlock(BaseModule):
    """One activation diffusion block, ADB (Sec. 3.2, Figure 2 right).

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
        series = self.num_iters, self.init_scale, self.detach_init
        diffused = diffuse(attention, laplacian, *series)
        update = self.filter(diffused, attention)
        if not self.with_residual:
            return semantic * update[:, None], update
        return semantic * (1 + update)[:, None], attention + update

    def filter(self, diffused: Tensor, attention: Tensor) -> Tensor:
        """Update u in [0, 1], shape (B, H, W) (Eq. 7)."""
        if self.with_filter:
            return filter_diffused(diffused, attention, self.beta)
        return min_max_normalize(diffused)
