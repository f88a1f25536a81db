"""Backbones, necks, heads and the classifier of Figure 2."""

from .backbones import (
    AttentionConformer,
    AttentionDeiT3,
    AttentionDistilledViT,
    AttentionTIMM,
    AttentionViT,
)
from .classifiers import WSOLClassifier
from .heads import ConformerSemanticHead, SemanticHead
from .necks import SCM, ActivationDiffusionBlock

__all__ = [
    'SCM',
    'ActivationDiffusionBlock',
    'AttentionConformer',
    'AttentionDeiT3',
    'AttentionDistilledViT',
    'AttentionTIMM',
    'AttentionViT',
    'ConformerSemanticHead',
    'SemanticHead',
    'WSOLClassifier',
]
