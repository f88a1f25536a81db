"""Heads: patch tokens -> semantic map -> logits and loss."""

from .semantic_head import SemanticHead

__all__ = ['SemanticHead']
