"""Weakly supervised object localization on vision transformers."""

from mmscm.version import __version__

__all__ = ['__version__']
