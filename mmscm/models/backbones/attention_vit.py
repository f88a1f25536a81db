"""mmpretrain's ViT, with the class token's attention as second output."""

from __future__ import annotations

from collections.abc import Sequence

from mmpretrain.models.backbones import DeiT3, VisionTransformer
from mmpretrain.models.backbones.deit3 import DeiT3TransformerEncoderLayer
from torch import Tensor

from mmscm.registry import MODELS

from .class_attention import ClassAttentionRecorder, attention_map


class AttentionOutput(ClassAttentionRecorder):
    """Turns a host ViT into ``images -> (tokens, attention)``."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault('out_type', 'featmap')
        super().__init__(*args, **kwargs)

    @property
    def patch_size(self) -> tuple[int, int]:
        """Height and width of a patch, pixels."""
        return tuple(self.patch_embed.projection.kernel_size)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Encode images of any size that is a multiple of the patch.

        They are normalised, shape (B, 3, H_img, W_img). Gives patch tokens
        after the last norm, shape (B, D, H, W), and F^0 (Eq. 1), the attention
        map, shape (B, H, W), not normalised; each row of attention sums to 1
        over all tokens.
        """
        check_whole_patches('images', images.shape[-2:], self.patch_size)
        with self._recording() as rows:
            tokens = super().forward(images)[-1]
        extra, grid = self.num_extra_tokens, tokens.shape[-2:]
        return tokens, attention_map(rows, self._layers, extra, grid)


@MODELS.register_module()
class AttentionViT(AttentionOutput, VisionTransformer):
    """ViT and DeiT with attention map (Sec. 3.1).

    Takes the arguments of mmpretrain's VisionTransformer and has its
    parameter names and outputs, so its pretrained weights load. Any input
    size works: the position embedding is interpolated. Beyond the host's
    arguments:

    - ``attention_layers`` (Sequence[int], optional): Layers whose mean is the
      attention map, such as (-3, -2, -1); all of them by default (Eq. 1).
    - ``relation`` (bool): At test use LCTR's relational attention, which
      takes two steps in each layer. It has no parameters.
    - ``qk_scale`` (float, optional): Factor of the attention scores, by
      default (D / heads)^-0.5.
    """


def check_whole_patches(
    name: str, size: Sequence[int], patch: Sequence[int]
) -> None:
    """Refuse a size that patches do not cover; a border would be dropped."""
    if any(side % step for side, step in zip(size, patch, strict=True)):
        raise ValueError(
            f'Expected `{name}` of whole patches of {tuple(patch)} pixels, '
            f'but got {tuple(size)} (height, width).'
        )


class DeiT3Layer(DeiT3TransformerEncoderLayer):
    """mmpretrain's layer, which in 1.2.0 takes ``ln1`` before the MLP too.

    The trained weights are for ``ln2`` there, as in timm's DeiT-III.
    """

    def forward(self, tokens: Tensor) -> Tensor:
        """Attention and MLP, each behind its own norm, on (B, T, D)."""
        tokens = tokens + self.attn(self.ln1(tokens))
        return self.ffn(self.ln2(tokens), identity=tokens)


@MODELS.register_module()
class AttentionDeiT3(AttentionOutput, DeiT3):
    """DeiT-III (LayerScale) with attention map (Sec. 3.1).

    Takes the arguments of mmpretrain's DeiT3 and its weights.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for layer in self.layers:
            layer.__class__ = DeiT3Layer
