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
from pathlib import Path, PurePosixPath

from mmscm.apis.data_files.placement import add_placing_arguments, place_files
from mmscm.apis.data_files.search import find_files, match_files
from mmscm.datasets.box_annotations import read_ids, read_masks

SPLITS = ('train', 'val', 'test')
HINT = (
    'Are images and masks unpacked there? Masks that end in _ignore.png come '
    'with wsolevaluation only. --splits leaves out what you do not have.'
)


def main() -> None:
    args = parse_args()
    try:
        done = convert(
            args.files,
            args.lists,
            args.out,
            args.splits,
            args.copy,
            args.dry_run,
        )
    except (OSError, ValueError) as error:
        raise SystemExit(f'{error}') from error
    for split, line in done.items():
        print(f'{args.out / split}: {line}')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        'files', type=Path, nargs='+', help='folders of unpacked archives'
    )
    parser.add_argument(
        '--lists', type=Path, default=Path('data/wsol_metadata/OpenImages')
    )
    parser.add_argument('--out', type=Path, default=Path('data/OpenImages'))
    parser.add_argument(
        '--splits',
        nargs='+',
        choices=SPLITS,
        default=SPLITS,
        help='default: all',
    )
    add_placing_arguments(parser)
    return parser.parse_args()


def convert(
    folders: list[Path],
    lists: Path,
    out: Path,
    splits: Sequence[str] = SPLITS,
    copy: bool = False,
    dry_run: bool = False,
) -> dict[str, str]:
    """Put every listed file at ``out/<split>/<class>/<file>``."""
    wanted = {
        split: {
            out / key: (PurePosixPath(key).name,)
            for key in listed_files(lists / split)
        }
        for split in splits
    }
    found = find_files(folders, lambda path: path.name)
    sources = {
        split: match_files(targets, found, HINT)
        for split, targets in wanted.items()
    }
    return {
        split: place_files(files, copy, dry_run)
        for split, files in sources.items()
    }


def listed_files(folder: Path) -> Iterator[str]:
    """Images of a split and, where it has masks, these."""
    yield from read_ids(folder / 'image_ids.txt')
    if folder.name != 'train':  # trained on labels alone
        masks = read_masks(folder / 'localization.txt')
        for instances, ignore in masks.values():
            yield from (*instances, ignore)


if __name__ == '__main__':
    main()
