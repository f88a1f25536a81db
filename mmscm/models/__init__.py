"""Backbones, necks, heads, regularizers and the classifiers."""

from .backbones import (
    WSOLVGG,
    AttentionConformer,
    AttentionDeiT3,
    AttentionLCTR,
    AttentionSAT,
    AttentionTIMM,
    AttentionViT,
    FrozenTokens,
    WSOLInceptionV3,
)
from .classifiers import DDTLocalizer, KeyLocalizer, WSOLClassifier
from .heads import (
    CAMHead,
    CDMHead,
    ClassTokenHead,
    ConformerSemanticHead,
    SemanticHead,
    TriHead,
)
from .necks import SCM, ActivationDiffusionBlock
from .regularizers import (
    AreaConstraint,
    Regularizer,
    Step,
    Tail,
    Tap,
    find_layer,
)

__all__ = [
    'SCM',
    'WSOLVGG',
    'ActivationDiffusionBlock',
    'AreaConstraint',
    'AttentionConformer',
    'AttentionDeiT3',
    'AttentionLCTR',
    'AttentionSAT',
    'AttentionTIMM',
    'AttentionViT',
    'CAMHead',
    'CDMHead',
    'ClassTokenHead',
    'ConformerSemanticHead',
    'DDTLocalizer',
    'FrozenTokens',
    'KeyLocalizer',
    'Regularizer',
    'SemanticHead',
    'Step',
    'Tail',
    'Tap',
    'TriHead',
    'WSOLClassifier',
    'WSOLInceptionV3',
    'find_layer',
]
