"""Read checkpoints without running code, and find the one to resume from."""

from __future__ import annotations

import logging
import os
import pickle
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from mmengine.logging import print_log
from torch import hub
from torch.serialization import add_safe_globals

from .allow_list import safe_globals
from .public_weights import SCHEME, load_public

FORCE = 'TORCH_FORCE_WEIGHTS_ONLY_LOAD'
POINTER = 'last_checkpoint'  # written by mmengine's CheckpointHook
# neither best_*.pth nor published ones: both lack the optimizer
NAME = re.compile(r'(epoch|iter)_\d+\.pth')


def refuse_code_in_checkpoints() -> None:
    """Let torch refuse code in every checkpoint that this process loads.

    For the start of a program that owns its process: mmengine's loaders of
    some addresses, and its fork's of files, ask torch to run what is there.
    """
    os.environ[FORCE] = '1'
    os.environ.pop('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', None)


def read_checkpoint(source: str | Path, map_location: Any = 'cpu') -> Any:
    """Read a checkpoint without running any code that it may carry.

    Args:
        source (str | Path): Path or http(s) address of a file, or a name of
            :func:`load_public`; ``~`` is the home directory.
        map_location (Any): As in ``torch.load``.

    Returns:
        Any: What was saved, for the Runner's files a dict.

    Raises:
        FileNotFoundError: There is no such file.
        pickle.UnpicklingError: The file asks for something that is not on
            torch's allow-list.
        RuntimeError: The file is damaged.
    """
    source = str(source).removeprefix('file://')
    if source.startswith(SCHEME):
        return load_public(source, map_location)
    # mmengine's fork takes them off the list after each of its own loads
    add_safe_globals(safe_globals())
    if source.startswith(('http://', 'https://')):
        return hub.load_state_dict_from_url(
            source, map_location=map_location, weights_only=True
        )
    path = Path(source).expanduser()
    if zipfile.is_zipfile(path):
        check_archive(path)
    try:
        return torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise pickle.UnpicklingError(f'{path}: {error}') from error
    except (EOFError, RuntimeError) as error:
        raise RuntimeError(f'{path}: {error}') from error


def check_archive(path: str | Path) -> None:
    """Check the parts of a file of ``torch.save``; torch reads no checksums.

    Args:
        path (str | Path): The file.

    Raises:
        RuntimeError: The file is cut, one of its parts is damaged, or it
            unpacks to more than it is, which no file of torch.save does.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            claimed = sum(member.file_size for member in archive.infolist())
            size = os.path.getsize(path)
            bomb = claimed > size
            damaged = None if bomb else archive.testzip()
    except zipfile.BadZipFile as error:
        raise RuntimeError(f'{path} is damaged: {error}.') from error
    if bomb:
        raise RuntimeError(f'{path} has {size} bytes and unpacks to {claimed}')
    if damaged is not None:
        raise RuntimeError(f'{path} is damaged: see its checksum of {damaged}')


def latest_checkpoint(work_dir: str | Path) -> str | None:
    """The latest checkpoint that can be read.

    Args:
        work_dir (str | Path): Of the interrupted training.

    Returns:
        str | None: Its path; None where there is no checkpoint at all.

    Raises:
        RuntimeError: There are checkpoints, and none can be read.
    """
    damaged = []
    for path in _candidates(Path(work_dir)):
        try:
            check_archive(path)
        except RuntimeError as error:
            damaged.append(path.name)
            print_log(
                f'{error} Trying the checkpoint before it.',
                logger='current',
                level=logging.WARNING,
            )
        else:
            return str(path)
    if damaged:
        raise RuntimeError(
            f'Expected a checkpoint in {work_dir} to resume from, but got '
            f'damaged ones only: {", ".join(damaged)}. Remove them to start '
            'from the beginning.'
        )
    return None


def _candidates(work_dir: Path) -> Iterator[Path]:
    """The one that mmengine calls the last, then others, newest first."""
    pointer = work_dir / POINTER
    named = pointer.read_text(errors='replace') if pointer.is_file() else ''
    elsewhere = Path(named.strip())
    last, found = work_dir / elsewhere.name, _newest_first(work_dir)
    # a hook with its own `out_dir` writes elsewhere; a work dir that was
    # copied has its checkpoints beside the pointer
    if not (last.is_file() or found) and elsewhere.is_file():
        last, found = elsewhere, _newest_first(elsewhere.parent)
    if last.is_file():
        yield last
    yield from (path for path in found if path != last)


def _newest_first(folder: Path) -> list[Path]:
    found = [p for p in folder.glob('*.pth') if NAME.fullmatch(p.name)]
    return sorted(found, key=lambda p: p.stat().st_mtime_ns, reverse=True)
