"""Write files that are either the old or the new one, whatever happens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

SUFFIX = '.tmp'


@contextmanager
def replacing(target: str | Path) -> Iterator[BinaryIO]:
    """Write beside a file and put the result in its place when it is whole.

    Args:
        target (str | Path): The file to write; its folder exists.

    Yields:
        BinaryIO: What to write to.

    Raises:
        OSError: Cause and path, such as "No space left on device: 'PATH'";
            ``target`` is as it was.
    """
    temporary = Path(f'{target}.{os.getpid()}{SUFFIX}')
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
