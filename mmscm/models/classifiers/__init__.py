"""Classifiers: the parts put together."""

from .ddt_localizer import DDTLocalizer
from .key_localizer import KeyLocalizer
from .wsol_classifier import WSOLClassifier

__all__ = ['DDTLocalizer', 'KeyLocalizer', 'WSOLClassifier']
