"""Frozen tokens of a timm transformer, for heads that train alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mmscm.registry import MODELS

from .attention_timm import AttentionTIMM


@MODELS.register_module()
class FrozenTokens(AttentionTIMM):
    """A timm transformer without its last norm, never trained (TriLite).

    Returns ``((patches, class token), attention)``. It stays in evaluation
    mode and makes no graph.

    Args:
        model_name (str): A timm model with a class token. DINOv2 keeps
            ``img_size=518``, the size of its position table; images may be
            smaller.
        **kwargs: Those of AttentionTIMM.
    """

    def __init__(self, model_name: str, **kwargs) -> None:
        super().__init__(model_name, class_token=True, **kwargs)
        self.timm_model.norm = nn.Identity()
        self.requires_grad_(False)

    def train(self, mode: bool = True) -> None:
        """Stay in evaluation mode."""
        super().train(False)

    @torch.no_grad()
    def forward(self, images: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """As AttentionTIMM with ``class_token``, before the last norm."""
        return super().forward(images)
