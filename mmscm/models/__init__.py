"""Backbones, necks, heads and the classifier of Figure 2."""

from .backbones import AttentionDistilledViT, AttentionViT
from .classifiers import WSOLClassifier
from .heads import SemanticHead
from .necks import SCM, ActivationDiffusionBlock

__all__ = [
    'SCM',
    'ActivationDiffusionBlock',
    'AttentionDistilledViT',
    'AttentionViT',
    'SemanticHead',
    'WSOLClassifier',
]
