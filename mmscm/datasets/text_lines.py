"""Lines of annotation files, and errors that name the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn


class AnnotationError(ValueError):
    """A file of annotations that cannot be used, with the place in it."""


class Line(NamedTuple):
    """One line of a text file.

    Args:
        path (str): The file.
        number (int): Line number from 1.
        text (str): The line without its end and outer white space.
        unit (str): What ``number`` counts.
    """

    path: str
    number: int
    text: str
    unit: str = 'line'

    def fail(self, expected: str) -> NoReturn:
        """Raise an error that names file, line, expectation and content."""
        raise AnnotationError(
            f'{self.path}, {self.unit} {self.number}: Expected {expected}, '
            f'but got {self.text!r}.'
        )

    def parse(self, kind: type, text: str, what: str) -> int | float:
        """``kind(text)``, or an error that expected ``what``."""
        try:
            return kind(text)
        except ValueError:
            self.fail(what)


def read_lines(path: str | Path) -> Iterator[Line]:
    """Lines of a UTF-8 file that are not blank; any line end will do.

    Raises:
        FileNotFoundError: With the path, where the file is missing.
    """
    path = str(path)
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'Expected an annotation file at {path!r}, but there is none. '
            'The section on data of the README says where to get it.'
        )
    return _lines(path)


def _lines(path: str) -> Iterator[Line]:
    with open(path, encoding='utf-8-sig') as file:
        try:
            for number, raw in enumerate(file, 1):
                if text := raw.strip():
                    yield Line(path, number, text)
        except UnicodeDecodeError as error:
            raise AnnotationError(
                f'{path}: Expected UTF-8 text, but got {error}.'
            ) from error


def check_relative(line: Line, path: str) -> str:
    """A path below the data root, as given; ``..`` and roots are refused."""
    if path[:1] in ('/', '\\') or '..' in path or ':' in path[:2]:
        parts = path.replace('\\', '/').split('/')
        if '..' in parts or parts[0] == '' or ':' in parts[0]:
            line.fail('a path below the data root, without `..`')
    if not path:
        line.fail('a path, not an empty field')
    return path


def add_unique(line: Line, table: dict, key: str, value: object) -> None:
    """Put a value into a table that must not have its key yet."""
    if key in table:
        line.fail(f'each id once, the second {key!r} is here')
    table[key] = value
