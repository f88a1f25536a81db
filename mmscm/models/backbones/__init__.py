"""Backbones: images -> tokens, most with the class token's attention."""

from .attention_conformer import AttentionConformer
from .attention_deit3 import AttentionDeiT3
from .attention_timm import AttentionTIMM
from .attention_vit import AttentionViT

__all__ = [
    'AttentionConformer',
    'AttentionDeiT3',
    'AttentionTIMM',
    'AttentionViT',
]
