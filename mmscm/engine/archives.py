"""Zip archives (.npz, checkpoints) judged before anything is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path


def members(path: str | Path) -> list[zipfile.ZipInfo]:
    """Names of the members and the sizes that they claim, nothing read.

    ``zipfile`` unpacks no more of a member than the size that it claims.

    Args:
        path (str | Path): Any file.

    Returns:
        list[zipfile.ZipInfo]: Empty for a file that is no zip archive.
    """
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        return archive.infolist()


def check_sums(path: str | Path) -> None:
    """Compare every member with its checksum, which torch does not read.

    Args:
        path (str | Path): Any file; one that is no zip archive passes.

    Raises:
        zipfile.BadZipFile: The member that is damaged.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(f'the checksum of {damaged} is wrong')
