"""Heads: tokens -> semantic map -> logits and loss."""

from .cam_head import CAMHead
from .conformer_semantic_head import ConformerSemanticHead
from .semantic_head import SemanticHead

__all__ = ['CAMHead', 'ConformerSemanticHead', 'SemanticHead']
