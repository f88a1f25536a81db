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
    arrays = [
        _named(f'{module}.{function.__name__}', function)
        for module in MULTIARRAYS
        for function in (_reconstruct, scalar)
    ]
    return [
        Counter,  # milestones of a schedule
        HistoryBuffer,
        np.ndarray,
        *{type(np.dtype(char)) for char in NUMBERS},
        *arrays,
        _named('numpy.dtype', dtype),
        _named('builtins.getattr', statistic),
        _named('builtins.bytes', lambda: b''),  # of an array without elements
    ]


def _named(name: str, function: Callable) -> Callable:
    """A copy of ``function`` that the allow-list knows as ``name``."""

    def stand_in(*args):
        return function(*args)

    stand_in.__module__, _, stand_in.__name__ = name.rpartition('.')
    stand_in.__qualname__ = stand_in.__name__
    return stand_in


def statistic(owner: Any, name: str) -> Callable:
    """``getattr`` for the four statistics of a ``HistoryBuffer`` only."""
    if owner is HistoryBuffer and name in STATISTICS:
        return getattr(HistoryBuffer, name)
    raise pickle.UnpicklingError(f'Refused getattr({owner!r}, {name!r})')


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
