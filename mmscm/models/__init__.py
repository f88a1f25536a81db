"""Backbones, necks, heads, regularizers and the classifiers."""

from . import backbones, classifiers, heads, necks, regularizers
from .backbones import *  # noqa: F403
from .classifiers import *  # noqa: F403
from .heads import *  # noqa: F403
from .layers import InputTap, Tail, Tap, find_layer
from .necks import *  # noqa: F403
from .regularizers import *  # noqa: F403

__all__ = [
    *backbones.__all__,
    *classifiers.__all__,
    *heads.__all__,
    *necks.__all__,
    *regularizers.__all__,
    'InputTap',
    'Tail',
    'Tap',
    'find_layer',
]
