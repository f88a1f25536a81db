"""A ViT with every attention matrix kept, for comparison."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmscm.models import WSOLClassifier

from .dense_neck import dense_block


class DenseModel(nn.Module):
    """What a :class:`WSOLClassifier` computes, the plain way.

    Explicit attention, the matrices of all layers stacked and averaged, and
    the dense neck. Written from the formulas; without drop path.

    Args:
        model (WSOLClassifier): A DeiT or ViT model; its weights are copied.
    """

    def __init__(self, model: WSOLClassifier) -> None:
        super().__init__()
        state = {
            name.replace('.', '/'): nn.Parameter(value.clone())
            for name, value in model.state_dict().items()
        }
        self.weights = nn.ParameterDict(state)
        self.depth = len(model.backbone.layers)
        self.num_heads = model.backbone.layers[0].attn.num_heads
        self.patch = model.backbone.patch_embed.projection.stride
        self.num_blocks = len(model.neck.blocks) if model.with_neck else 0

    def maps(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """S^0, shape (B, C, H, W), and F^0 in [0, 1], shape (B, H, W)."""
        tokens, attention = self.encode(images)
        low = attention.amin((1, 2), keepdim=True)
        high = attention.amax((1, 2), keepdim=True)
        semantic = F.conv2d(tokens, *self._pair('head/conv'), padding=1)
        return semantic, (attention - low) / (high - low)

    def logits(self, images: Tensor) -> Tensor:
        """Training logits, shape (B, C)."""
        semantic, attention = self.maps(images)
        with torch.autocast(images.device.type, enabled=False):
            semantic, attention = semantic.float(), attention.float()
            for index in range(self.num_blocks):
                block = f'neck/blocks/{index}'
                semantic, attention = dense_block(
                    semantic,
                    attention,
                    self.weights[f'{block}/lambda_'],
                    self.weights[f'{block}/beta'],
                )
        return semantic.mean((2, 3))

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Patch tokens (B, D, H, W) and mean attention (B, H, W)."""
        weight, bias = self._pair('backbone/patch_embed/projection')
        patches = F.conv2d(images, weight, bias, stride=self.patch)
        grid = patches.shape[-2:]
        tokens = patches.flatten(2).mT  # (B, N, D)
        cls_token = self.weights['backbone/cls_token']
        tokens = torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], 1)
        tokens = tokens + self.weights['backbone/pos_embed']
        matrices = []
        for index in range(self.depth):
            tokens, matrix = self._layer(tokens, f'backbone/layers/{index}')
            matrices.append(matrix)
        tokens = self._norm(tokens, 'backbone/ln1')
        mean = torch.stack(matrices).mean(2).mean(0)  # (B, 1 + N, 1 + N)
        return (
            tokens[:, 1:].mT.unflatten(2, grid),
            mean[:, 0, 1:].unflatten(1, grid),
        )

    def _layer(self, tokens: Tensor, name: str) -> tuple[Tensor, Tensor]:
        normed = self._norm(tokens, f'{name}/ln1')
        mixed = F.linear(normed, *self._pair(f'{name}/attn/qkv'))
        mixed = mixed.unflatten(2, (3, self.num_heads, -1))
        query, key, value = mixed.permute(2, 0, 3, 1, 4)  # (B, heads, T, d)
        scores = query @ key.mT * query.shape[-1] ** -0.5
        matrix = scores.softmax(-1)
        attended = (matrix @ value).transpose(1, 2).flatten(2)
        tokens = tokens + F.linear(attended, *self._pair(f'{name}/attn/proj'))
        hidden = self._norm(tokens, f'{name}/ln2')
        hidden = F.linear(hidden, *self._pair(f'{name}/ffn/layers/0/0'))
        out = F.linear(F.gelu(hidden), *self._pair(f'{name}/ffn/layers/1'))
        return tokens + out, matrix

    def _norm(self, tokens: Tensor, name: str) -> Tensor:
        width = tokens.shape[-1:]
        return F.layer_norm(tokens, width, *self._pair(name), eps=1e-6)

    def _pair(self, name: str) -> tuple[Tensor, Tensor]:
        return self.weights[f'{name}/weight'], self.weights[f'{name}/bias']
