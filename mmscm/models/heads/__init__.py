"""Heads: patch tokens -> semantic map -> logits and loss."""

from .conformer_semantic_head import ConformerSemanticHead
from .semantic_head import SemanticHead

__all__ = ['ConformerSemanticHead', 'SemanticHead']
