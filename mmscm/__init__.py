"""Weakly supervised object localization on vision transformers."""

from importlib import import_module
from typing import Any

from mmscm.engine.checkpoint import install as _load_checkpoints_safely
from mmscm.version import __version__

_load_checkpoints_safely()

# Imported when first asked for: the host's apis take seconds.
_LAZY = {
    'LocalizationInferencer': 'mmscm.apis.inference.inferencer',
    'get_model': 'mmscm.apis.model_zoo',
    'list_models': 'mmscm.apis.model_zoo',
}

__all__ = ['__version__', *_LAZY]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(_LAZY[name]), name)
