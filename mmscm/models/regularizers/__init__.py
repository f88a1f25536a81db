"""Regularizers: what a method adds to the training, and nothing at test."""

from .area_constraint import AreaConstraint
from .layers import Tail, Tap, find_layer
from .regularizer import Regularizer, Step

__all__ = [
    'AreaConstraint',
    'Regularizer',
    'Step',
    'Tail',
    'Tap',
    'find_layer',
]
