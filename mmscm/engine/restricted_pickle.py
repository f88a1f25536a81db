"""``pickle_module`` of ``torch.load`` before torch 2.4: an allow-list.

From 2.4 on torch has one of its own (``torch.serialization``); its
``weights_only`` before that cannot read what mmengine writes.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from typing import IO, Any

import numpy as np
from mmengine.logging import HistoryBuffer
from torch import _weights_only_unpickler as torch_pickle

from mmscm.engine.allow_list import safe_globals

# objects whose state a file may set; of classes and functions it must not
STATEFUL = (HistoryBuffer, OrderedDict, np.ndarray, np.dtype)

PYTHON_2 = {'__builtin__': 'builtins'}  # torch.save writes protocol 2


# the one in C cannot refuse to set a state
class Unpickler(pickle._Unpickler):
    """Builds what :func:`safe_globals` and torch's own list name."""

    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module: str, name: str) -> Any:
        """What the list has by that name; see ``pickle.Unpickler``."""
        module = PYTHON_2.get(module, module)
        found = _allowed().get(f'{module}.{name}')
        if found is None:
            raise pickle.UnpicklingError(f'GLOBAL {module}.{name} refused')
        return found

    def load_build(self) -> None:
        """Set a state; see ``pickle``."""
        owner = self.stack[-2]
        if not isinstance(owner, STATEFUL):
            raise pickle.UnpicklingError(f'Refused the state of {owner!r}')
        super().load_build()

    dispatch[pickle.BUILD[0]] = load_build


def load(file: IO[bytes], **options: Any) -> Any:
    """Read one pickle; see ``pickle.load``."""
    return Unpickler(file, **options).load()


def _allowed() -> dict[str, Any]:
    own = {f'{one.__module__}.{one.__name__}': one for one in safe_globals()}
    own['_codecs.encode'] = _raw_bytes
    return {**torch_pickle._get_allowed_globals(), **own}


def _raw_bytes(text: str, encoding: str) -> bytes:
    """How protocol 2 writes bytes."""
    if encoding != 'latin1':
        raise pickle.UnpicklingError(f'Refused encode(..., {encoding!r})')
    return text.encode('latin1')
