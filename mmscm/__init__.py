"""Weakly supervised object localization on vision transformers."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

if not all(map(find_spec, ('mmengine', 'mmcv', 'mmpretrain'))):
    raise ModuleNotFoundError(
        'Expected mmengine, mmcv and mmpretrain, but got not all of them: '
        "pip install 'mmscm[openmmlab]' or, for the maintained forks, "
        "'mmscm[onedl]'."
    )

from mmscm.version import __version__

# Imported when first asked for: the host's apis take seconds.
_LAZY = {
    'LocalizationInferencer': 'mmscm.apis.inferencer',
    'get_model': 'mmscm.apis.model_zoo',
    'list_models': 'mmscm.apis.model_zoo',
}

__all__ = ['__version__', *_LAZY]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(_LAZY[name]), name)
