"""What is wrong with a data set: raised at once, or collected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_collected: ContextVar[list[DataError] | None] = ContextVar(
    'collected', default=None
)


class DataError(Exception):
    """A file of a data set that cannot be used.

    Attributes:
        path (str): The file, as far as it is known.
        place (str): Where in it, as 'line 3'.
    """

    path: str = ''
    place: str = ''

    @classmethod
    def at(cls, path: object, message: str, place: str = '') -> DataError:
        """An error whose message begins with file and place."""
        # The message alone is its argument: a loader rebuilds from it what
        # a worker raised.
        where = f'{path}, {place}' if place else str(path)
        error = cls(f'{where}: {message}')
        error.path, error.place = str(path), place
        return error


class AnnotationError(DataError, ValueError):
    """A file of annotations that cannot be used, with the place in it."""


class MissingFileError(DataError, FileNotFoundError):
    """A file or folder of annotations or images that is not there."""


class ImageError(DataError, ValueError):
    """A file that is no image, or not a whole one, or not there."""


@contextmanager
def collect_problems() -> Iterator[list[DataError]]:
    """Within it, readers note what is wrong and go on without it.

    Yields:
        list[DataError]: Grows with every problem that is met.
    """
    found: list[DataError] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def report(error: DataError) -> None:
    """Raise an error, or note it within :func:`collect_problems`."""
    found = _collected.get()
    if found is None:
        raise error
    found.append(error)
