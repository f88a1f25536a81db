"""Backbones, necks, heads, regularizers and the classifier of Figure 2."""

from .backbones import (
    WSOLVGG,
    AttentionConformer,
    AttentionDeiT3,
    AttentionTIMM,
    AttentionViT,
    WSOLInceptionV3,
)
from .classifiers import WSOLClassifier
from .heads import CAMHead, ConformerSemanticHead, SemanticHead
from .necks import SCM, ActivationDiffusionBlock
from .regularizers import Regularizer, Step, Tail, find_layer

__all__ = [
    'SCM',
    'WSOLVGG',
    'ActivationDiffusionBlock',
    'AttentionConformer',
    'AttentionDeiT3',
    'AttentionTIMM',
    'AttentionViT',
    'CAMHead',
    'ConformerSemanticHead',
    'Regularizer',
    'SemanticHead',
    'Step',
    'Tail',
    'WSOLClassifier',
    'WSOLInceptionV3',
    'find_layer',
]
