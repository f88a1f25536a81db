"""Backbones: images -> (patch tokens, class-token attention)."""

from .attention_conformer import AttentionConformer
from .attention_deit3 import AttentionDeiT3
from .attention_timm import AttentionTIMM
from .attention_vit import AttentionDistilledViT, AttentionViT

__all__ = [
    'AttentionConformer',
    'AttentionDeiT3',
    'AttentionDistilledViT',
    'AttentionTIMM',
    'AttentionViT',
]
