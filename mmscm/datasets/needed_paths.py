"""Files and folders that a data set needs, known before it is built."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = 'folder'
ANNOTATIONS = 'annotation file'
CLASS_NAMES = 'file of class names'
EITHER = 'file or folder'


class NeededPath(NamedTuple):
    """A file or folder without which a data set cannot be read.

    Args:
        key (str): The argument of the data set that it follows from.
        given (str): Value of that argument.
        path (Path): Where it has to be.
        kind (str): :data:`FOLDER`, :data:`ANNOTATIONS`, :data:`CLASS_NAMES`
            or :data:`EITHER`.
    """

    key: str
    given: str
    path: Path
    kind: str

    def is_there(self) -> bool:
        """Whether it exists and is of its kind; nothing is read."""
        if self.kind == EITHER:
            return self.path.exists()
        if self.kind == FOLDER:
            return self.path.is_dir()
        return self.path.is_file()


def below(data_root: str, name: str) -> Path:
    """Where the host looks for ``name``; an absolute one stays."""
    return Path(data_root, os.path.expanduser(name))


def needed_by_the_host(
    data_root: str | None = None, ann_file: str | None = None, **_: Any
) -> Iterator[NeededPath]:
    """What the two arguments of the host's ``BaseDataset`` name.

    Args:
        data_root (str, optional): Folder of everything.
        ann_file (str, optional): A file or a folder, as data sets differ.
        **_: Other arguments of a data set.

    Returns:
        Iterator[NeededPath]: Nothing for an argument that is empty.
    """
    if data_root:
        yield NeededPath('data_root', data_root, Path(data_root), FOLDER)
    if ann_file:
        path = below(data_root or '', ann_file)
        yield NeededPath('ann_file', ann_file, path, EITHER)
