"""SCM and its activation diffusion block (Sec. 3.2, Figure 2 right)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmscm.functional.diffusion import diffuse
from mmscm.functional.filtering import filter_diffused
from mmscm.functional.grid import semantic_laplacian
from mmscm.registry import MODELS


@MODELS.register_module()
class SCM(BaseModule):
    """Spatial calibration module: a stack of activation diffusion blocks.

    A neck for training only. It runs in float32 (or float64) under any
    autocast.

    Args:
        num_blocks (int): L, number of blocks. Paper: 4.
        num_iters (int | Sequence[int]): p, Newton-Schulz steps, of all
            blocks or one for each. Paper: 4; released code: (16, 4, 4, 4).
        init_scale (float): alpha of X_0 = alpha L^T.
        init_lambda (float): First value of lambda, learned in every block.
        init_beta (float): First value of beta, learned in every block.
        detach_init (bool): Keep X_0 out of the graph, as the released code
            does; False is the gradient of the paper's formula.
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
                iters, init_scale, init_lambda, init_beta, detach_init
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
        dtype = torch.promote_types(semantic.dtype, torch.float32)
        semantic, attention = semantic.to(dtype), attention.to(dtype)
        with torch.autocast(semantic.device.type, enabled=False):
            for block in self.blocks:
                semantic, attention = block(semantic, attention)
        return semantic, attention

    def learned_scalars(self) -> dict[str, Tensor]:
        """lambda and beta of every block, detached, for the log."""
        scalars = {}
        for index, block in enumerate(self.blocks):
            scalars[f'scm/lambda_{index}'] = block.lambda_.detach()
            scalars[f'scm/beta_{index}'] = block.beta.detach()
        return scalars


class ActivationDiffusionBlock(BaseModule):
    """One activation diffusion block (ADB).

    Args:
        num_iters (int): p, number of Newton-Schulz steps, >= 0.
        init_scale (float): alpha of X_0 = alpha L^T.
        init_lambda (float): First value of lambda.
        init_beta (float): First value of beta.
        detach_init (bool): See :class:`SCM`.
    """

    def __init__(
        self,
        num_iters: int = 4,
        init_scale: float = 0.002,
        init_lambda: float = 1.0,
        init_beta: float = 0.5,
        detach_init: bool = True,
    ) -> None:
        super().__init__()
        if num_iters < 0:
            raise ValueError(
                f'Expected `num_iters` >= 0, but got {num_iters}.'
            )
        self.num_iters = num_iters
        self.init_scale = init_scale
        self.detach_init = detach_init
        self.lambda_ = nn.Parameter(torch.tensor(float(init_lambda)))
        self.beta = nn.Parameter(torch.tensor(float(init_beta)))

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
        update = filter_diffused(diffused, attention, self.beta)
        return semantic * (1 + update[:, None]), attention + update
