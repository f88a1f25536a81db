"""Spatial calibration module: a stack of diffusion blocks (Sec. 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmscm.registry import MODELS

from .diffusion_block import ActivationDiffusionBlock


@MODELS.register_module()
class SCM(BaseModule):
    """Spatial calibration module: a stack of activation diffusion blocks.

    A neck for training only. It runs in float32 (or float64) under any
    autocast. Which sizes of the maps, of lambda and of beta give finite
    values and gradients stands in docs/reliability/numbers.md.

    Args:
        num_blocks (int): L, number of blocks. Paper: 4.
        num_iters (int | Sequence[int]): p, Newton-Schulz steps, of all
            blocks or one for each. Paper: 4; released code: (16, 4, 4, 4).
        init_scale (float): alpha of X_0 = alpha L^T.
        init_lambda (float): First value of lambda, learned in every block.
        init_beta (float): First value of beta, learned in every block.
        detach_init (bool): Keep X_0 out of the graph, as the released code
            does; False is the gradient of the paper's formula.
        learn_lambda (bool): False keeps ``init_lambda``; with 0 diffusion
            ignores semantic similarity.
        with_filter (bool): False leaves Eq. 7 out: u = minmax(F^).
        with_residual (bool): False is S' = S o u and F' = u, the paper's
            formula without the released code's residual connections.
        init_cfg (dict, optional): See mmengine's BaseModule.
    """

    def __init__(
        self,
        num_blocks: int = 4,
        num_iters: int | Sequence[int] = 4,
        init_scale: float = 0.002,
        init_lambda: float = 1.0,
        init_beta: float = 0.5,
        detach_init: bool = True,
        learn_lambda: bool = True,
        with_filter: bool = True,
        with_residual: bool = True,
        init_cfg: dict | None = None,
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
            ActivationDiffusionBlock(
                iters,
                init_scale,
                init_lambda,
                init_beta,
                detach_init,
                learn_lambda,
                with_filter,
                with_residual,
            )
            for iters in num_iters
        )

    def forward(
        self, semantic: Tensor, attention: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Calibrate both maps (Figure 2, right).

        Args:
            semantic (Tensor): Semantic map S^0, shape (B, C, H, W).
            attention (Tensor): Attention map F^0 in [0, 1], shape (B, H, W).

        Returns:
            tuple[Tensor, Tensor]: S^L and F^L, same shapes, float32 unless
            the input is float64.
        """
        return self.steps(semantic, attention)[-1]

    def steps(
        self, semantic: Tensor, attention: Tensor
    ) -> list[tuple[Tensor, Tensor]]:
        """The maps before, between and after the blocks.

        Args:
            semantic (Tensor): As in :meth:`forward`.
            attention (Tensor): As in :meth:`forward`.

        Returns:
            list[tuple[Tensor, Tensor]]: S^l and F^l for l = 0, ..., L.
        """
        dtype = torch.promote_types(semantic.dtype, torch.float32)
        maps = [(semantic.to(dtype), attention.to(dtype))]
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
