"""LCTR: the class attention in training, the relational one at test."""

from __future__ import annotations

import torch
from torch import Tensor

from mmscm.registry import MODELS

from .attention_vit import AttentionViT
from .class_attention import class_attention


@MODELS.register_module()
class AttentionLCTR(AttentionViT):
    """ViT for CDMHead, which wants the class attention beside the tokens.

    Takes the arguments of AttentionViT and its weights.
    """

    def forward(self, images: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """As AttentionViT, with the class attention beside the tokens.

        Returns:
            tuple[tuple[Tensor, Tensor], Tensor]: Patch tokens, (B, D, H, W),
            and the class attention, (B, H, W); then the relational attention
            at test and once more the class attention in training.
        """
        tokens, maps = super().forward(images)
        return (tokens, maps[0]), maps[-1]

    def _row(self, query: Tensor, key: Tensor) -> Tensor:
        """Class attention and at test the relational one, (1 or 2, B, T)."""
        row = class_attention(query, key, self._scale)
        if self.training:
            return row[None]
        relation = class_attention(query, key, self._scale, relation=True)
        return torch.stack([row, relation])
