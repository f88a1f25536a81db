"""Links or copies of files where the lists of a data set expect them."""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from .search import listing


def add_placing_arguments(parser: argparse.ArgumentParser) -> None:
    """``--copy`` and ``--dry-run``, as ``place_files`` takes them."""
    parser.add_argument(
        '--copy', action='store_true', help='copy, instead of links'
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='check all, write nothing'
    )


def place_files(
    sources: Mapping[Path, Path], copy: bool = False, dry_run: bool = False
) -> str:
    """Link or copy files; a second run finds them in place.

    Args:
        sources (Mapping[Path, Path]): Target -> source.
        copy (bool): Copies, instead of relative symbolic links.
        dry_run (bool): Check, and write nothing.

    Returns:
        str: What was done, for the terminal.

    Raises:
        FileExistsError: Where something else lies at a target; nothing is
            written then.
    """
    there = {t for t in sources if os.path.lexists(t)}
    others = sorted(str(t) for t in there if not _same(t, sources[t]))
    if others:
        raise FileExistsError(
            'Expected no other file where one is to be put, but found '
            f'{len(others)}; move them away:{listing(others)}'
        )
    if not dry_run:
        for target, source in sources.items():
            if target not in there:
                _place(target, source, copy)
    verb = ('would be ' if dry_run else '') + ('copied' if copy else 'linked')
    return f'{len(sources) - len(there)} {verb}, {len(there)} already there'


def stored_size(path: Path) -> tuple[int, int]:
    """Width and height of the image as stored, before EXIF rotation."""
    try:
        with Image.open(path) as image:
            return image.size
    except OSError as error:
        raise ValueError(
            f'Expected an image at {path}, cannot decode it.'
        ) from error


def check_sizes(
    sources: Mapping[Path, Path], sizes: Mapping[Path, tuple[int, int]]
) -> None:
    """An image of another size is another image, or its boxes are wrong.

    Args:
        sources (Mapping[Path, Path]): Target -> source.
        sizes (Mapping[Path, tuple[int, int]]): Height and width, pixels,
            of each target, or of none.
    """
    wrong = []
    for target in sizes.keys() & sources.keys():
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
            f'annotated images:{listing(sorted(wrong))}'
        )


def _same(target: Path, source: Path) -> bool:
    """Whether a target has what its source has."""
    if not target.is_file():
        return False
    return target.samefile(source) or filecmp.cmp(
        target, source, shallow=False
    )


def _place(target: Path, source: Path, copy: bool) -> None:
    """Whole or not at all, so that a run can be stopped and repeated."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not copy:
        folder = target.parent.resolve()
        target.symlink_to(os.path.relpath(source.resolve(), folder))
        return
    part = target.with_name(f'{target.name}.part')
    shutil.copy2(source, part)
    part.replace(target)
