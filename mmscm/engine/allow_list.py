"""What a checkpoint may hold beside tensors, and nothing else.

Checkpoints that mmengine's Runner writes have the message hub's
``HistoryBuffer`` objects, numpy arrays and numbers.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from mmengine.logging import HistoryBuffer

STATISTICS = ('min', 'max', 'current', 'mean')
NUMBERS = '?bBhHiIlLqQefdFD'  # numpy's type characters of plain numbers
# numpy moved the module in 2.0; checkpoints name the one they were written by
MULTIARRAYS = ('numpy.core.multiarray', 'numpy._core.multiarray')


@cache
def safe_globals() -> list[Any]:
    """Classes and functions as ``torch.serialization`` wants them."""
    dtypes = {type(np.dtype(char)) for char in NUMBERS}
    multiarray = [
        _named(function, module)
        for module in MULTIARRAYS
        for function in (_reconstruct, scalar)
    ]
    return [
        Counter,  # milestones of a schedule
        HistoryBuffer,
        np.ndarray,
        *dtypes,
        *multiarray,
        _named(dtype, 'numpy'),
        _named(getattr_, 'builtins'),
        _named(bytes_, 'builtins'),
    ]


def _named(function: Callable, module: str) -> Callable:
    """A copy of ``function`` that the allow-list knows as ``module.name``."""

    def stand_in(*args):
        return function(*args)

    name = function.__name__.removesuffix('_')
    stand_in.__module__ = module
    stand_in.__name__ = stand_in.__qualname__ = name
    return stand_in


def getattr_(owner: Any, name: str) -> Callable:
    """``getattr`` for the four statistics of a ``HistoryBuffer`` only."""
    if owner is HistoryBuffer and name in STATISTICS:
        return getattr(HistoryBuffer, name)
    raise pickle.UnpicklingError(f'Refused getattr({owner!r}, {name!r})')


def bytes_() -> bytes:
    """The content of an array without elements."""
    return b''


def dtype(name: str, *_: Any) -> np.dtype:
    """numpy's shared dtype of a plain number.

    The shared one ignores the state that the file sets afterwards; a copy
    would let a file give a number type the flags of object pointers.
    """
    found = np.dtype(name)
    shared = found is np.dtype(found.char)
    if not shared or found.char not in NUMBERS:
        raise pickle.UnpicklingError(f'Refused numpy.dtype({name!r})')
    return found


def _reconstruct(*_: Any) -> np.ndarray:
    """The empty array that the file's state fills (numbers only)."""
    return np.ndarray(0, np.int8)


def scalar(number_type: np.dtype, raw: bytes) -> np.generic:
    """A numpy number from its bytes."""
    return np.frombuffer(raw, number_type, count=1)[0]
