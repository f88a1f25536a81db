"""Checkpoints of mmengine load safely: a precise allow-list, clear errors.

Since torch 2.6 ``torch.load`` builds only what is on its allow-list, and
checkpoints that mmengine's Runner writes hold more than tensors: the message
hub's ``HistoryBuffer`` objects, numpy arrays and numbers. ``install`` allows
these and nothing else; it runs at ``import mmscm``.
"""

from __future__ import annotations

import os.path as osp
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner.checkpoint import CheckpointLoader

STATISTICS = ('min', 'max', 'current', 'mean')
NUMBERS = '?bBhHiIlLqQefdFD'  # numpy's type characters of plain numbers
# numpy moved the module in 2.0; checkpoints name the one they were written by
MULTIARRAYS = ('numpy.core.multiarray', 'numpy._core.multiarray')


def install() -> None:
    """Allow mmengine's own types and load local files with our errors."""
    torch.serialization.add_safe_globals(_safe_globals())
    CheckpointLoader.register_scheme(
        prefixes='', loader=load_from_local, force=True
    )


# mmengine logs the loader's name from its tenth letter on: 'local'.
def load_from_local(filename: str, map_location: Any = None) -> Any:
    """Read a checkpoint file without running any code that it may carry.

    Args:
        filename (str): Path of the file; ``~`` is the home directory.
        map_location (Any): As in ``torch.load``. Defaults to None.

    Returns:
        Any: What was saved, for the Runner's files a dict.

    Raises:
        FileNotFoundError: There is no such file.
        pickle.UnpicklingError: The file asks for something that is not on
            the allow-list.
        RuntimeError: The file cannot be read as a checkpoint.
    """
    path = osp.expanduser(filename)
    if not osp.isfile(path):
        raise FileNotFoundError(
            f'Expected a checkpoint file, but got {path}: no such file.'
        )
    try:
        # said aloud, because the default is True from torch 2.6 on only
        return torch.load(path, map_location=map_location, weights_only=True)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a broken file breaks the reader anywhere
        raise _explain(path, error) from error


def _explain(path: str, error: Exception) -> Exception:
    reason = str(error).split('WeightsUnpickler error: ')[-1].strip()
    wanted = re.search(r'GLOBAL (\S+)', reason)
    if wanted or re.match('Refused|Trying to|Can only', reason):
        what = f'`{wanted[1]}`' if wanted else reason.split('\n')[0]
        return pickle.UnpicklingError(
            f'Refused to load the checkpoint {path}: it asks for {what}. '
            'Expected tensors, numbers, text and logs of mmengine only, '
            'because anything else in a pickle can run code. If you trust '
            'the file, save its `state_dict` alone and load that.'
        )
    return RuntimeError(
        f'Expected a checkpoint in {path}, but got a file that cannot be '
        f'read, truncated or not a checkpoint ({type(error).__name__}: '
        f'{reason.splitlines()[0] if reason else "no details"}).'
    )


def _safe_globals() -> list[Any]:
    dtypes = {type(np.dtype(char)) for char in NUMBERS}
    multiarray = [
        _named(function, module)
        for module in MULTIARRAYS
        for function in (_reconstruct, scalar)
    ]
    return [
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
