"""Files of a data set wherever they lie, matched with what is wanted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

SHOWN = 10  # names in an error


def find_files(
    folders: Iterable[Path], key_of: Callable[[Path], str | None]
) -> dict[str, list[Path]]:
    """All files below some folders by key; links are followed.

    Args:
        folders (Iterable[Path]): Searched with all their subfolders.
        key_of (Callable[[Path], str | None]): Key of a file, None to pass.

    Returns:
        dict[str, list[Path]]: Files of each key.

    Raises:
        FileNotFoundError: Where a folder is missing.
    """
    found: dict[str, list[Path]] = {}
    for folder in folders:
        if not folder.is_dir():
            raise FileNotFoundError(
                f'Expected a folder at {str(folder)!r}, but there is none.'
            )
        for path in _walk(folder):
            if (key := key_of(path)) is not None:
                found.setdefault(key, []).append(path)
    return found


def match_files(
    wanted: Mapping[Path, Sequence[str]],
    found: Mapping[str, list[Path]],
    hint: str,
) -> dict[Path, Path]:
    """The one file for each target; targets with none or several are named.

    Args:
        wanted (Mapping[Path, Sequence[str]]): Keys of each target; the
            first that was found counts.
        found (Mapping[str, list[Path]]): As from ``find_files``.
        hint (str): What to look at where files are missing.

    Returns:
        dict[Path, Path]: Target -> source. A file that lies at its target
        already is its own source.
    """
    sources, missing, doubtful = {}, [], []
    for target, keys in wanted.items():
        key = next((key for key in keys if key in found), None)
        paths = _candidates(target, found[key]) if key is not None else []
        if not paths:
            missing.append(str(target))
        elif len(paths) > 1:
            doubtful.append(f'{target}: {", ".join(map(str, paths))}')
        else:
            sources[target] = paths[0]
    if missing:
        raise FileNotFoundError(
            f'Expected {len(wanted)} files, but found none for '
            f'{len(missing)} of them. {hint}{listing(missing)}'
        )
    if doubtful:
        raise ValueError(
            'Expected one file for each target, but found several for '
            f'{len(doubtful)}:{listing(doubtful)}'
        )
    return sources


def listing(names: Sequence[str]) -> str:
    """Some names, a line each, and how many more there are."""
    lines = [f'\n  {name}' for name in names[:SHOWN]]
    if len(names) > SHOWN:
        lines.append(f'\n  ... and {len(names) - SHOWN} more')
    return ''.join(lines)


def _candidates(target: Path, paths: Sequence[Path]) -> list[Path]:
    """Different files; only the one at the target if it is among them."""
    place = os.path.abspath(target)
    if any(os.path.abspath(path) == place for path in paths):
        return [target]
    return list({path.resolve(): path for path in paths}.values())


def _walk(folder: Path) -> Iterator[Path]:
    """Files of all folders that can be read; one that cannot is an error."""
    seen = set()  # links may lead back
    for root, folders, names in os.walk(
        folder, onerror=_fail, followlinks=True
    ):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        yield from (Path(root, name) for name in sorted(names))


def _fail(error: OSError) -> NoReturn:
    raise error
