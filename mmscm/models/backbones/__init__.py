"""Backbones: images -> (patch tokens, class-token attention)."""

from .attention_vit import AttentionDistilledViT, AttentionViT

__all__ = ['AttentionDistilledViT', 'AttentionViT']
