"""Rendered scenes with exact boxes and masks."""

from .toy_objects import ToyObjects

__all__ = ['ToyObjects']
