"""mmpretrain's DeiT-III with attention map, and its second norm in place."""

from __future__ import annotations

from mmpretrain.models.backbones import DeiT3
from mmpretrain.models.backbones.deit3 import DeiT3TransformerEncoderLayer
from torch import Tensor

from mmscm.registry import MODELS

from .attention_vit import AttentionOutput


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
