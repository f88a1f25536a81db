"""Files that are either the old or the new one, whatever happens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mmengine.fileio import LocalBackend, register_backend

SUFFIX = '.tmp'


@contextmanager
def replacing(target: str | Path) -> Iterator[BinaryIO]:
    """Write beside a file and put the result in its place when it is whole.

    Args:
        target (str | Path): The file to write; its folder exists.

    Yields:
        BinaryIO: What to write to.

    Raises:
        OSError: Path and cause; ``target`` is as it was.
    """
    temporary = Path(f'{target}.{os.getpid()}{SUFFIX}')
    try:
        with open(temporary, 'wb') as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut leaves an empty file
        os.replace(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise type(error)(
            f'Expected to write {target}, but got '
            f'{error.strerror or error}. Nothing that was there is lost.'
        ) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_unfinished(folder: str | Path) -> list[Path]:
    """Remove what a killed process left of checkpoints.

    Args:
        folder (str | Path): Where checkpoints are written.

    Returns:
        list[Path]: What was removed.
    """
    unfinished = sorted(Path(folder).glob(f'*.pth.*{SUFFIX}'))
    for path in unfinished:
        path.unlink(missing_ok=True)
    return unfinished


@register_backend('mmscm_local')
class AtomicLocalBackend(LocalBackend):
    """The host's local files, each written by :func:`replacing`."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write a file.

        Args:
            obj (bytes): Its content.
            filepath (str | Path): Its path; folders are made.
        """
        os.makedirs(os.path.dirname(filepath) or '.', exist_ok=True)
        with replacing(filepath) as file:
            file.write(obj)
