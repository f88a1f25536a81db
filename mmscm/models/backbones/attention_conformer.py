"""mmpretrain's Conformer, with patch tokens and the class attention."""

from __future__ import annotations

import torch
from mmpretrain.models.backbones import Conformer
from torch import Tensor

from mmscm.registry import MODELS

from .class_attention import ClassAttentionRecorder, attention_map


@MODELS.register_module()
class AttentionConformer(ClassAttentionRecorder, Conformer):
    """Conformer, a transformer beside a CNN, with attention map (Sec. 4.3).

    Takes the arguments of mmpretrain's Conformer and has its parameter
    names, so its pretrained weights load. For ``ConformerSemanticHead``.
    ``attention_layers``, ``relation`` and ``qk_scale`` are AttentionViT's.
    """

    def forward(self, images: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Encode normalised images of any size, shape (B, 3, H_img, W_img).

        Returns:
            tuple[tuple[Tensor, Tensor], Tensor]: Patch tokens after the last
            norm, shape (B, D, H, W), with the pooled features of the CNN,
            shape (B, D_cnn), and the attention map F^0 of the transformer
            (Eq. 1), shape (B, H, W), not normalised.
        """
        with self._recording() as rows:
            features, tokens, grid = self._encode(images)
        patches = self.trans_norm(tokens)[:, 1:].mT.unflatten(2, grid)
        pooled = self.pooling(features).flatten(1)
        attention = attention_map(rows, self._layers, 1, grid)
        return (patches, pooled), attention

    def _encode(
        self, images: Tensor
    ) -> tuple[Tensor, Tensor, tuple[int, int]]:
        """CNN features, all tokens (B, 1 + H W, D) and the grid (H, W)."""
        stem = self.maxpool(self.act1(self.bn1(self.conv1(images))))
        stem = self.auto_pad(stem)
        patches = self.trans_patch_conv(stem)
        class_token = self.cls_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_token, patches.flatten(2).mT], dim=1)
        tokens = self.trans_1(tokens)
        features = self.conv_1(stem, out_conv2=False)
        for number in range(2, self.fin_stage):
            stage = getattr(self, f'conv_trans_{number}')
            features, tokens = stage(features, tokens)
        return features, tokens, patches.shape[-2:]
