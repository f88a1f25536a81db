"""Say which folder is full or cannot be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def check_writable(folder: str | Path) -> None:
    """Make a folder and write a byte into it.

    Args:
        folder (str | Path): Where results are to go.

    Raises:
        OSError: The folder and what is wrong with it.
    """
    probe = Path(folder, f'.writable.{os.getpid()}')
    try:
        os.makedirs(folder, exist_ok=True)
        probe.write_bytes(b'1')
    except OSError as error:
        raise type(error)(
            f'Expected a work dir that can be written, but got {folder}: '
            f'{error.strerror}.'
        ) from error
    finally:
        with suppress(OSError):
            probe.unlink()


@contextmanager
def naming_full_disks(work_dir: str | Path) -> Iterator[None]:
    """Name the work dir where a log or a picture finds the disk full.

    Args:
        work_dir (str | Path): Of the run inside the context.

    Raises:
        OSError: The folder, the cause and how to go on.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise type(error)(
            f'Expected room to write in {work_dir}, but got '
            f'{error.strerror}. The checkpoints there are whole: make room '
            'and go on with `--resume auto`.'
        ) from error
