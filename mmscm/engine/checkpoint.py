"""Checkpoints of mmengine load safely: a precise allow-list, clear errors.

``install`` runs at ``import mmscm``. From then on every checkpoint, whoever
asks for it (``load_from``, ``resume``, ``init_cfg``, the tools), is a file or
an http(s) address and is read by :func:`load_from_local`, which builds only
what :mod:`mmscm.engine.allow_list` names.
"""

from __future__ import annotations

import os.path as osp
import pickle
import re
from typing import Any

import torch
from mmengine.runner.checkpoint import CheckpointLoader

from mmscm.engine import restricted_pickle
from mmscm.engine.allow_list import safe_globals
from mmscm.engine.archives import check_sums, members
from mmscm.engine.download import fetch

WEB = ('http://', 'https://')
HAS_ALLOW_LIST = hasattr(torch.serialization, 'add_safe_globals')  # 2.4 on


class RefusedArchive(pickle.UnpicklingError):
    """A zip file that is not one of torch.save."""


def install() -> None:
    """Allow mmengine's own types and read checkpoints with our loaders.

    The host's loaders of other addresses would unpickle what they get.
    """
    if HAS_ALLOW_LIST:
        torch.serialization.add_safe_globals(safe_globals())
    others = [p for p in CheckpointLoader._schemes if p not in ('', *WEB)]
    for prefixes, loader in (
        ('', load_from_local),
        (WEB, load_from_http),
        (others, load_from_elsewhere),
    ):
        CheckpointLoader.register_scheme(prefixes, loader, force=True)


def load_from_http(filename: str, map_location: Any = None) -> Any:
    """Download a checkpoint and read it as :func:`load_from_local` does."""
    return load_from_local(fetch(filename), map_location)


def load_from_elsewhere(filename: str, map_location: Any = None) -> Any:
    """Refuse an address that is neither a file nor on the web."""
    raise ValueError(
        'Expected a checkpoint file or an http(s) address, but got '
        f'{filename}. Download it first.'
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
    open(path, 'rb').close()  # an OSError from here on is the file's damage
    try:
        _refuse_other_archives(path)
        check_sums(path)
        return _read(path, map_location)
    except (MemoryError, RefusedArchive):
        raise
    except Exception as error:  # a broken file breaks the reader anywhere
        raise _explain(path, error) from error


def _read(path: str, map_location: Any) -> Any:
    if HAS_ALLOW_LIST:
        # said aloud, because the default is True from torch 2.6 on only
        return torch.load(path, map_location=map_location, weights_only=True)
    return torch.load(path, map_location, pickle_module=restricted_pickle)


def _refuse_other_archives(path: str) -> None:
    """Refuse zip files that torch.save does not write."""
    found = members(path)
    claimed, size = sum(m.file_size for m in found), osp.getsize(path)
    if claimed > size:
        raise RefusedArchive(
            f'Refused to load the checkpoint {path}: its {size} bytes would '
            f'unpack to {claimed}. Expected a file of torch.save, which does '
            'not compress.'
        )
    if any(m.filename.endswith('/constants.pkl') for m in found):
        raise RefusedArchive(
            f'Refused to load the checkpoint {path}: it is a program of '
            'TorchScript. Expected a file of torch.save.'
        )


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
        'read, damaged, truncated or not a checkpoint '
        f'({type(error).__name__}: '
        f'{reason.splitlines()[0] if reason else "no details"}).'
    )
