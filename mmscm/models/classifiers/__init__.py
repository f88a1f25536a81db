"""Classifiers: the parts put together."""

from .box_localizer import BoxLocalizer
from .ddt_localizer import DDTLocalizer
from .geometry_localizer import GeometryLocalizer
from .key_localizer import KeyLocalizer
from .wsol_classifier import WSOLClassifier

__all__ = [
    'BoxLocalizer',
    'DDTLocalizer',
    'GeometryLocalizer',
    'KeyLocalizer',
    'WSOLClassifier',
]
