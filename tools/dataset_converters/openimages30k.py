#!/usr/bin/env python
"""Make data/OpenImages: images and masks of OpenImages30k by split and class.

    python tools/dataset_converters/openimages30k.py UNPACKED [UNPACKED ...]

Files are known by their names, which have the number of the image and of the
mask: they may lie flat, as from OpenImages, or in folders, as from
wsolevaluation, in as many folders as there are archives.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import _files as files

from mmscm.datasets.annotations import read_ids, read_masks

SPLITS = ('train', 'val', 'test')
HINT = (
    'Are images and masks unpacked there? Masks that end in _ignore.png come '
    'with wsolevaluation only. --splits leaves out what you do not have.'
)


def make_parser() -> argparse.ArgumentParser:
    lists = 'data/wsol_metadata/OpenImages'
    parser = files.placing_command(__doc__, lists, 'data/OpenImages')
    parser.add_argument(
        '--splits',
        nargs='+',
        choices=SPLITS,
        default=SPLITS,
        help='default: all',
    )
    return parser


def convert(
    folders: list[Path],
    lists: Path,
    out: Path,
    splits: Sequence[str],
    **options,
) -> str:
    """Put every listed file at ``out/<split>/<class>/<file>``."""
    wanted = {
        key: [Path(key).name]
        for split in splits
        for key in listed_files(lists / split)
    }
    found = files.find_files(folders, lambda path: path.name)
    return files.place(out, wanted, found, HINT, **options)


def listed_files(folder: Path) -> Iterator[str]:
    """Images of a split and, where it has masks, these."""
    yield from read_ids(folder / 'image_ids.txt')
    if folder.name != 'train':  # trained on labels alone
        masks = read_masks(folder / 'localization.txt')
        for instances, ignore in masks.values():
            yield from filter(None, (*instances, ignore))


if __name__ == '__main__':
    files.run(convert, make_parser())
