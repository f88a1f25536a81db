"""Backbones: images -> (patch tokens, class-token attention)."""

from .attention_conformer import AttentionConformer
from .attention_timm import AttentionTIMM
from .attention_vit import AttentionDistilledViT, AttentionViT

__all__ = [
    'AttentionConformer',
    'AttentionDistilledViT',
    'AttentionTIMM',
    'AttentionViT',
]
