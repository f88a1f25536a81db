"""Find the files of a data set and put them where its lists expect them."""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from PIL import Image

from mmscm.options import make_parser

SHOWN = 10  # names in an error


def run(convert: Callable[..., str], parser: argparse.ArgumentParser) -> None:
    """Call ``convert`` with the command line and print what it did."""
    try:
        print(convert(**vars(parser.parse_args())))
    except (OSError, ValueError) as error:
        raise SystemExit(f'{error}') from error


def placing_command(
    description: str, lists: str, out: str
) -> argparse.ArgumentParser:
    """A parser of folders, and of what :func:`place` takes."""
    parser = make_parser(description)
    parser.add_argument(
        'folders', type=Path, nargs='+', help='folders of unpacked archives'
    )
    parser.add_argument('--lists', type=Path, default=Path(lists))
    parser.add_argument('--out', type=Path, default=Path(out))
    parser.add_argument(
        '--copy', action='store_true', help='copy, instead of links'
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='check all, write nothing'
    )
    return parser


def find_files(
    folders: Iterable[Path], key_of: Callable[[Path], str | None]
) -> dict[str, list[Path]]:
    """All files below some folders by key, None to pass; links are followed.

    A folder that is missing or cannot be read is an error.
    """

    def fail(error: OSError) -> NoReturn:
        raise error

    found: dict[str, list[Path]] = {}
    seen = set()  # links may lead back
    for folder in folders:
        for root, inner, names in os.walk(folder, True, fail, True):
            if os.path.realpath(root) in seen:
                inner.clear()
                continue
            seen.add(os.path.realpath(root))
            for path in (Path(root, name) for name in sorted(names)):
                if (key := key_of(path)) is not None:
                    found.setdefault(key, []).append(path)
    return found


def short_name(path: Path) -> str:
    """The file in its folder, which tells its class."""
    return f'{path.parent.name}/{path.name}'


def place(
    out: Path,
    wanted: Mapping[str, Sequence[str]],
    found: Mapping[str, list[Path]],
    hint: str,
    sizes: Mapping[str, tuple[int, int]] | None = None,
    copy: bool = False,
    dry_run: bool = False,
) -> str:
    """Link or copy the one file for each target; nothing if one is wrong.

    Args:
        out (Path): Folder of the targets.
        wanted (Mapping[str, Sequence[str]]): Keys of each target, which is a
            path below ``out``; the first that was found counts.
        found (Mapping[str, list[Path]]): As from :func:`find_files`.
        hint (str): What to look at where files are missing.
        sizes (Mapping[str, tuple[int, int]], optional): Height and width,
            pixels, that images at targets must have.
        copy (bool): Copies, instead of relative symbolic links.
        dry_run (bool): Check, and write nothing.

    Returns:
        str: What was done, for the terminal; a second run finds all in place.
    """
    sources = match_files(out, wanted, found, hint)
    check_sizes(sources, {out / key: s for key, s in (sizes or {}).items()})
    there = {target for target in sources if os.path.lexists(target)}
    others = [
        str(target)
        for target in sorted(there)
        if not target.is_file()
        or not filecmp.cmp(target, sources[target], shallow=False)
    ]
    if others:
        raise FileExistsError(
            'Expected no other file where one is to be put, but found '
            f'{len(others)}; move them away:{listing(others)}'
        )
    if not dry_run:
        for target in sources.keys() - there:
            place_one(target, sources[target], copy)
    verb = ('would be ' if dry_run else '') + ('copied' if copy else 'linked')
    count = len(sources) - len(there)
    return f'{out}: {count} {verb}, {len(there)} already there'


def place_one(target: Path, source: Path, copy: bool) -> None:
    """Whole or not at all, so that a run can be stopped and repeated."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if copy:
        part = target.with_name(f'{target.name}.part')
        shutil.copy2(source, part)
        part.replace(target)
    else:
        folder = target.parent.resolve()
        target.symlink_to(os.path.relpath(source.resolve(), folder))


def match_files(
    out: Path,
    wanted: Mapping[str, Sequence[str]],
    found: Mapping[str, list[Path]],
    hint: str,
) -> dict[Path, Path]:
    """Target -> source, as for :func:`place`.

    A file that lies at its target already is its own source.
    """
    sources, missing, doubtful = {}, [], []
    for name, keys in wanted.items():
        target = out / name
        paths = next((found[key] for key in keys if key in found), [])
        if os.path.abspath(target) in map(os.path.abspath, paths):
            paths = [target]
        paths = {path.resolve(): path for path in paths}  # links are no others
        if not paths:
            missing.append(str(target))
        elif len(paths) > 1:
            doubtful.append(f'{target}: {", ".join(map(str, paths.values()))}')
        else:
            [sources[target]] = paths.values()
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


def check_sizes(
    sources: Mapping[Path, Path], sizes: Mapping[Path, tuple[int, int]]
) -> None:
    """An image of another size is another image, or its boxes are wrong."""
    wrong = []
    for target in sorted(sizes.keys() & sources.keys()):
        height, width = sizes[target]
        found = stored_size(sources[target])
        if found != (width, height):
            wrong.append(
                f'{sources[target]}: {found[0]} x {found[1]}, '
                f'expected {width} x {height}'
            )
    if wrong:
        raise ValueError(
            'Expected the sizes of image_sizes.txt, but got others for '
            f'{len(wrong)} of {len(sources)} images, so these are not the '
            f'annotated images:{listing(wrong)}'
        )


def stored_size(path: Path) -> tuple[int, int]:
    """Width and height as stored, before EXIF rotation; PIL names the file."""
    with Image.open(path) as image:
        return image.size


def listing(names: Sequence[str]) -> str:
    """Some names, a line each, and how many more there are."""
    lines = [f'\n  {name}' for name in names[:SHOWN]]
    if len(names) > SHOWN:
        lines.append(f'\n  ... and {len(names) - SHOWN} more')
    return ''.join(lines)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """UTF-8 with plain line ends on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = ''.join(f'{line}\n' for line in lines)
    path.write_text(text, encoding='utf-8', newline='\n')
