"""Spatial calibration module: a stack of diffusion blocks (Sec. 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmscm.functional.maps import at_least_float32
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
