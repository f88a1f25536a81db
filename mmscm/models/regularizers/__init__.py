"""Regularizers: what a method adds to the training, and nothing at test."""

from .layers import Tail, find_layer
from .regularizer import Regularizer, Step

__all__ = ['Regularizer', 'Step', 'Tail', 'find_layer']
