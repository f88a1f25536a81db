"""A MATLAB file with a struct array, laid out as in ILSVRC's meta.mat.

Layout: MathWorks, MAT-File Format, level 5: a column of structs, whose
fields are written row by row, in one compressed element.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

INT8, INT32, UINT32, DOUBLE, MATRIX, COMPRESSED, UTF8 = 1, 5, 6, 9, 14, 15, 16
STRUCTS, CHARS, DOUBLES = 2, 4, 6  # classes of arrays
NAME_LENGTH = 32


def struct_array(
    name: str, fields: Sequence[str], rows: Sequence[tuple]
) -> bytes:
    """The file: rows of numbers and texts under names of fields."""
    names = b''.join(
        field.encode().ljust(NAME_LENGTH, b'\0') for field in fields
    )
    body = [
        *_head(STRUCTS, len(rows), 1, name),
        _element(INT32, struct.pack('<i', NAME_LENGTH)),
        _element(INT8, names),
        *(_value(value) for row in rows for value in row),
    ]
    data = zlib.compress(_element(MATRIX, b''.join(body)))
    header = b'MATLAB 5.0 MAT-file'.ljust(124) + struct.pack('<H', 256) + b'IM'
    tag = struct.pack('<II', COMPRESSED, len(data))
    return header + tag + data


def _value(value: int | str) -> bytes:
    if isinstance(value, str):
        head = _head(CHARS, 1, len(value))
        data = _element(UTF8, value.encode())
    else:
        head = _head(DOUBLES, 1, 1)
        data = _element(DOUBLE, struct.pack('<d', value))
    return _element(MATRIX, b''.join([*head, data]))


def _head(kind: int, rows: int, columns: int, name: str = '') -> list[bytes]:
    return [
        _element(UINT32, struct.pack('<II', kind, 0)),
        _element(INT32, struct.pack('<ii', rows, columns)),
        _element(INT8, name.encode()),
    ]


def _element(kind: int, data: bytes) -> bytes:
    padding = b'\0' * (-len(data) % 8)
    return struct.pack('<II', kind, len(data)) + data + padding
