"""Regularizers: what a method adds to the training, and nothing at test."""

from .activation_constraint import ActivationConstraint
from .area_constraint import AreaConstraint
from .attention_dropout import AttentionDropout
from .domain_alignment import DomainAlignment
from .erased_twin import ErasedTwin
from .feature_alignment import FeatureAlignment
from .hide_and_seek import HideAndSeek
from .inter_image import InterImage
from .regularizer import Regularizer, Step
from .self_produced_guidance import SelfProducedGuidance

__all__ = [
    'ActivationConstraint',
    'AreaConstraint',
    'AttentionDropout',
    'DomainAlignment',
    'ErasedTwin',
    'FeatureAlignment',
    'HideAndSeek',
    'InterImage',
    'Regularizer',
    'SelfProducedGuidance',
    'Step',
]
