"""SAT: a ViT whose spatial token gates the last attentions."""

from __future__ import annotations

import torch
from mmengine.model.weight_init import trunc_normal_
from mmpretrain.models.utils import resize_pos_embed
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from mmscm.registry import MODELS

from .attention_vit import AttentionViT, check_whole_patches
from .class_attention import attention_map

GATED = 3  # last blocks that the spatial token gates


@MODELS.register_module()
class AttentionSAT(AttentionViT):
    """ViT with the spatial token of SAT (Wu et al., ICCV 2023).

    A token beside the class token asks in the last three blocks where the
    object is: g = sigmoid of its scores to all tokens, averaged over heads.
    g multiplies the attention to each token, without a new normalisation;
    its mean over the blocks is the map. AreaConstraint keeps it from
    covering everything.

    Takes the arguments of AttentionViT and its weights.
    """

    def __init__(self, *args, **kwargs) -> None:
        gated = range(-GATED, 0)
        super().__init__(*args, attention_layers=gated, **kwargs)
        self.spatial_token = nn.Parameter(torch.zeros(1, 1, self.embed_dims))
        self.spatial_pos_embed = nn.Parameter(self.spatial_token.clone())
        for layer in self.layers[-GATED:]:
            layer.attn.scaled_dot_product_attention = self._gated

    def init_weights(self) -> None:
        """Initialise as the host does; both new embeddings, std 0.02."""
        super().init_weights()
        trunc_normal_(self.spatial_token, std=0.02)
        trunc_normal_(self.spatial_pos_embed, std=0.02)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """As AttentionViT, with the gates of the patches as map.

        They are in (0, 1), shape (B, H, W).
        """
        check_whole_patches('images', images.shape[-2:], self.patch_size)
        tokens, grid = self._embed(images)
        with self._recording() as rows:
            for layer in self.layers:
                tokens = layer(tokens)
        patches = self.ln1(tokens)[:, 1:-1].mT.unflatten(2, grid)
        gates = [row[:, :-1] for row in rows]
        return patches, attention_map(gates, self._layers, 1, grid)

    def _embed(self, images: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Class token, patches, spatial token (B, H W + 2, D); (H, W)."""
        patches, grid = self.patch_embed(images)
        class_token = self.cls_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_token, patches], dim=1)
        tokens = tokens + resize_pos_embed(
            self.pos_embed,
            self.patch_resolution,
            grid,
            self.interpolate_mode,
            num_extra_tokens=1,
        )
        spatial = self.spatial_token + self.spatial_pos_embed
        tokens = torch.cat([tokens, spatial.expand(len(images), -1, -1)], 1)
        return self.drop_after_pos(tokens), grid

    def _gated(
        self, query: Tensor, key: Tensor, value: Tensor, dropout_p: float = 0.0
    ) -> Tensor:
        """(softmax * g) V is softmax (g V): the fused attention stays.

        Queries, keys and values (B, heads, T, d); g is of the last token.
        """
        scores = query[:, :, -1:] @ key.mT * key.shape[-1] ** -0.5
        gate = scores.mean(1).squeeze(1).sigmoid()  # (B, T)
        if self._rows is not None:
            self._rows.append(gate)
        return scaled_dot_product_attention(
            query, key, gate[:, None, :, None] * value, dropout_p=dropout_p
        )
