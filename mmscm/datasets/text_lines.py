"""Lines of annotation files, and errors that name the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from .problems import AnnotationError, MissingFileError, report

SHOWN = 200  # characters of a wrong line


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

    def error(self, expected: str) -> AnnotationError:
        """An error that names file, line, expectation and content."""
        text = self.text
        shown = text if len(text) <= SHOWN else f'{text[:SHOWN]}...'
        return AnnotationError.at(
            self.path,
            f'Expected {expected}, but got {shown!r}.',
            f'{self.unit} {self.number}',
        )

    def fail(self, expected: str) -> NoReturn:
        """Raise :meth:`error`."""
        raise self.error(expected)

    def parse(
        self, kind: type[int] | type[float], text: str, what: str
    ) -> int | float:
        """``kind(text)``, or an error that expected ``what``."""
        # Python also reads 1_000 and digits of other scripts
        if '_' in text or not text.isascii():
            self.fail(what)
        try:
            return kind(text)
        except ValueError:
            self.fail(what)


def read_lines(path: str | Path) -> Iterator[Line]:
    """Lines of a UTF-8 file that are not blank; any line end will do.

    A missing file is a FileNotFoundError that names it.
    """
    path = str(path)
    if not Path(path).is_file():
        message = (
            'Expected an annotation file, but there is none. The section on '
            'data of the README says where to get it.'
        )
        report(MissingFileError.at(path, message))
        return iter(())
    return _lines(path)


def each_line(path: str | Path, use: Callable[[Line], None]) -> None:
    """Call ``use`` with every line; one that it refuses is reported."""
    for line in read_lines(path):
        try:
            use(line)
        except AnnotationError as error:
            report(error)


def check_relative(line: Line, path: str) -> str:
    """A path below the data root, as given.

    ``..``, roots, drives, URLs and what is no name of a file are refused.
    """
    if path[:1] in ('/', '\\') or '..' in path or ':' in path:
        parts = path.replace('\\', '/').split('/')
        outside = '..' in parts or parts[0] == '' or path[1:2] == ':'
        if outside or '://' in path:
            line.fail('a path below the data root, without `..`')
    if not path or path.endswith(('/', '\\', '/.')) or '\0' in path:
        line.fail('a path, not an empty field, a folder or zero bytes')
    return path


def add_unique(line: Line, table: dict, key: str, value: object) -> None:
    """Put a value into a table that must not have its key yet."""
    if key in table:
        line.fail(each_once(key))
    table[key] = value


def each_once(key: str) -> str:
    """What was expected where an id comes a second time."""
    return f'each id once, the second {key!r} is here'


def _lines(path: str) -> Iterator[Line]:
    with open(path, encoding='utf-8-sig') as file:
        try:
            for number, raw in enumerate(file, 1):
                if text := raw.strip():
                    yield Line(path, number, text)
        except UnicodeDecodeError:
            report(_not_utf8(path))


def _not_utf8(path: str) -> AnnotationError:
    """Name the line; reading in blocks does not know it."""
    with open(path, 'rb') as file:
        for number, raw in enumerate(file, 1):
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                return AnnotationError.at(
                    path,
                    f'Expected UTF-8 text, got {error}.',
                    f'line {number}',
                )
    return AnnotationError.at(path, 'Expected UTF-8 text.')
