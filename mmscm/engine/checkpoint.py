"""Read checkpoints without running code, write them whole, find the latest."""

from __future__ import annotations

import logging
import os
import pickle
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import torch
from mmengine.logging import print_log
from mmengine.runner import CheckpointLoader
from torch import hub
from torch.serialization import add_safe_globals

from mmscm.allow_list import safe_globals

from .public_weights import SCHEME, load_public

FORCE = 'TORCH_FORCE_WEIGHTS_ONLY_LOAD'
POINTER = 'last_checkpoint'  # written by mmengine's CheckpointHook
# neither best_*.pth nor published ones: both lack the optimizer
NAME = re.compile(r'(epoch|iter)_\d+\.pth')
UNFINISHED = '.tmp'


def refuse_code_in_checkpoints() -> None:
    """Let torch refuse code in every checkpoint that this process loads.

    For the start of a program that owns its process: mmengine's loaders of
    some addresses, and its fork's of files, ask torch to run what is there.
    """
    os.environ[FORCE] = '1'
    os.environ.pop('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', None)


def read_checkpoint(source: str | Path) -> Any:
    """Read a checkpoint onto the CPU and run no code that it may carry.

    It is the path or the http(s) address of a file, or a name of
    :func:`load_public`; ``~`` is the home directory.

    Raises:
        FileNotFoundError: There is no such file.
        pickle.UnpicklingError: The file asks for something that is not on
            the allow-list.
        EOFError, RuntimeError: The file is damaged.
    """
    source = str(source).removeprefix('file://')
    if source.startswith(SCHEME):
        return load_public(source)
    # mmengine's fork takes them off the list after each of its own loads
    add_safe_globals(safe_globals())
    safe = dict(map_location='cpu', weights_only=True)
    if source.startswith(('http://', 'https://')):
        return hub.load_state_dict_from_url(source, **safe)
    path = Path(source).expanduser()
    if zipfile.is_zipfile(path):
        check_archive(path)
    try:
        return torch.load(path, **safe)
    except (EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise type(error)(f'{path}: {error}') from error


@CheckpointLoader.register_scheme(prefixes='file://')
def _load_file(filename: str, map_location: Any = None) -> Any:
    """A file by its address, wherever mmengine loads a checkpoint."""
    path = filename.removeprefix('file://')
    return CheckpointLoader.load_checkpoint(path, map_location, 'silent')


def check_archive(path: str | Path) -> None:
    """Check the parts of a file of ``torch.save``; torch reads no checksums.

    A RuntimeError says that it is cut, that a part is damaged, or that it
    unpacks to more than it is, which no file of torch.save does.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            claimed = sum(member.file_size for member in archive.infolist())
            size = os.path.getsize(path)
            if claimed > size:
                raise RuntimeError(
                    f'{path} has {size} bytes and unpacks to {claimed}.'
                )
            damaged = archive.testzip()
    except zipfile.BadZipFile as error:
        raise RuntimeError(f'{path} is damaged: {error}.') from error
    if damaged is not None:
        raise RuntimeError(f'{path} is damaged: see its checksum of {damaged}')


@contextmanager
def replacing(target: str | Path) -> Iterator[BinaryIO]:
    """Write beside a file and put the result in its place when it is whole.

    Else it is as it was, and an OSError has cause and path, such as "No space
    left on device: 'PATH'".
    """
    temporary = Path(f'{target}.{os.getpid()}{UNFINISHED}')
    try:
        with open(temporary, 'wb') as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut leaves an empty file
        os.replace(temporary, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error
    finally:
        temporary.unlink(missing_ok=True)


def latest_checkpoint(work_dir: str | Path) -> str | None:
    """The latest checkpoint of an interrupted training that can be read.

    None where there is none at all; a RuntimeError if none can be read.
    """
    damaged = []
    for path in _newest_first(Path(work_dir)):
        try:
            check_archive(path)
            return str(path)
        except RuntimeError as error:
            damaged.append(path.name)
            message = f'{error} Trying the checkpoint before it.'
            print_log(message, logger='current', level=logging.WARNING)
    if damaged:
        raise RuntimeError(
            f'Expected a checkpoint in {work_dir} to resume from, but got '
            f'damaged ones only: {", ".join(damaged)}. Remove them to start '
            'from the beginning.'
        )
    return None


def _newest_first(work_dir: Path) -> list[Path]:
    """Checkpoints, the one that mmengine calls the last before all others."""
    pointer = work_dir / POINTER
    text = pointer.read_text(errors='replace') if pointer.is_file() else ''
    last = Path(text.strip())

    def age(path: Path) -> tuple[bool, int]:
        return path.name == last.name, path.stat().st_mtime_ns

    # a hook with its own `out_dir` writes elsewhere; a work dir that was
    # copied has its checkpoints beside the pointer
    for folder in (work_dir, *([last.parent] if last.is_file() else [])):
        found = [
            path
            for path in folder.glob('*.pth')
            if path.name == last.name or NAME.fullmatch(path.name)
        ]
        if found:
            return sorted(found, key=age, reverse=True)
    return []
