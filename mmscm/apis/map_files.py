"""Find score maps by id and read them without trusting the files."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

SUFFIXES = ('.npy', '.npz')
MAX_PIXELS = 4096 * 4096  # a file that claims more is refused unread
_LISTED = 50  # names in an error message


class MapFileError(ValueError):
    """A file of a score map that cannot be used."""


def find_maps(
    folder: str | Path, ids: Iterable[str], ignore_unknown: bool = False
) -> dict[str, Path]:
    """The map of every id; all that are missing are listed at once.

    The map of ``val2/995/0.jpeg`` is ``val2/995/0.npy`` below the folder,
    or ``.npz``; the suffix may also follow the whole id.

    Args:
        folder (str | Path): Folder of the maps.
        ids (Iterable[str]): Those of ``image_ids.txt``.
        ignore_unknown (bool): Accept maps that belong to no id.

    Returns:
        dict[str, Path]: File of each id.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(
            f'Expected a folder of score maps, but got {folder}: no such '
            'folder.'
        )
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob('*'))
        if path.suffix in SUFFIXES
    }
    ids = list(ids)
    places = {key: _first(files, _names(key)) for key in ids}
    found = {key: path for key, path in places.items() if path is not None}
    missing = [key for key in ids if key not in found]
    if missing:
        raise FileNotFoundError(
            f'Expected a map of each of the {len(ids)} images in {folder}, '
            f'but {len(missing)} are missing: {_listing(missing)}. The map '
            f'of {missing[0]} is {_names(missing[0])[0]} or .npz.'
        )
    unknown = sorted(set(files.values()) - set(found.values()))
    if unknown and not ignore_unknown:
        names = [path.relative_to(folder).as_posix() for path in unknown]
        raise MapFileError(
            f'Expected maps of the ids of the split only in {folder}, but '
            f'{len(names)} belong to none: {_listing(names)}. Is it another '
            'split?'
        )
    return found


def _names(key: str) -> list[str]:
    stem = str(Path(key).with_suffix(''))
    return [name + end for name in (stem, key) for end in SUFFIXES]


def _first(files: dict[str, Path], names: list[str]) -> Path | None:
    return next((files[name] for name in names if name in files), None)


def _listing(names: list[str]) -> str:
    more = f' and {len(names) - _LISTED} more' * (len(names) > _LISTED)
    return ', '.join(names[:_LISTED]) + more


def load_map(path: str | Path) -> np.ndarray:
    """Read one score map; nothing in the file can run code.

    Args:
        path (str | Path): A .npy file, or a .npz file of a single array.

    Returns:
        np.ndarray: Scores in [0, 1], float32, shape (H, W).

    Raises:
        MapFileError: With the path: no such array, too large, wrong shape
            or type, NaN, or values outside [0, 1].
    """
    path = Path(path)
    try:
        with ExitStack() as stack:
            return _checked(path, _read_array(path, _open(path, stack)))
    except MapFileError:
        raise
    # a broken file breaks the reader anywhere
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise MapFileError(
            f'{path}: Expected an array of numpy, but it cannot be read '
            f'({error}).'
        ) from error


def _open(path: Path, stack: ExitStack) -> IO[bytes]:
    """The file of a single array, in a .npz archive or alone."""
    if path.suffix == '.npy':
        return stack.enter_context(path.open('rb'))
    archive = stack.enter_context(zipfile.ZipFile(path))
    members = archive.namelist()
    if len(members) != 1:
        raise MapFileError(
            f'{path}: Expected a single array, but got {members}.'
        )
    return stack.enter_context(archive.open(members[0]))


def _read_array(path: Path, file: IO[bytes]) -> np.ndarray:
    """Look at the header first: a small file may claim a huge array."""
    version = npy.read_magic(file)
    read_header = (
        npy.read_array_header_1_0
        if version == (1, 0)
        else npy.read_array_header_2_0
    )
    shape, _, dtype = read_header(file)
    if len(shape) != 2 or not math.prod(shape):
        raise MapFileError(
            f'{path}: Expected a map of shape (H, W), but got shape {shape}.'
        )
    if math.prod(shape) > MAX_PIXELS:
        raise MapFileError(
            f'{path}: Expected at most {MAX_PIXELS} values, but got shape '
            f'{shape}.'
        )
    if dtype.kind not in 'fiub':
        raise MapFileError(
            f'{path}: Expected numbers, but got an array of {dtype}.'
        )
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)


def _checked(path: str | Path, scores: np.ndarray) -> np.ndarray:
    if np.isnan(scores).any():
        raise MapFileError(
            f'{path}: Expected scores in [0, 1], but got NaN at '
            f'{int(np.isnan(scores).sum())} of {scores.size} pixels.'
        )
    low, high = scores.min(), scores.max()
    if low < 0 or high > 1:
        hint = ' Divide by 255.' if 1 < high <= 255 and low >= 0 else ''
        raise MapFileError(
            f'{path}: Expected scores in [0, 1], but got values from {low} '
            f'to {high}.{hint}'
        )
    return scores.astype(np.float32)
