"""Weakly supervised object localization on vision transformers."""

from mmscm.engine.checkpoint import install as _load_checkpoints_safely
from mmscm.version import __version__

_load_checkpoints_safely()

__all__ = ['__version__']
