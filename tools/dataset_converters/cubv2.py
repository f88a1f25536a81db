#!/usr/bin/env python
"""Make data/CUBV2: images of CUBV2, each in the folder of its class.

    python tools/dataset_converters/cubv2.py UNPACKED

An image is known by its Flickr number, the name of the file in the lists:
NUMBER.jpg and NUMBER_anything.jpg match, in whatever folder below UNPACKED.
Sizes are compared with the lists.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from mmscm.apis.data_files.placement import (
    add_placing_arguments,
    check_sizes,
    place_files,
)
from mmscm.apis.data_files.search import find_files, match_files
from mmscm.datasets.box_annotations import read_ids, read_sizes

NAME = re.compile(r'(\d+)(_\w+)?\.jpe?g', re.IGNORECASE)
HINT = (
    'Images are known by their Flickr number; is CUBV2 unpacked there, and '
    'not only CUB-200-2011?'
)


def main() -> None:
    args = parse_args()
    try:
        done = convert(
            args.images, args.lists, args.out, args.copy, args.dry_run
        )
    except (OSError, ValueError) as error:
        raise SystemExit(f'{error}') from error
    print(f'{args.out}: {done}')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        'images', type=Path, nargs='+', help='folder of the unpacked archive'
    )
    parser.add_argument(
        '--lists', type=Path, default=Path('data/wsol_metadata/CUB/val')
    )
    parser.add_argument('--out', type=Path, default=Path('data/CUBV2'))
    add_placing_arguments(parser)
    return parser.parse_args()


def convert(
    images: list[Path],
    lists: Path,
    out: Path,
    copy: bool = False,
    dry_run: bool = False,
) -> str:
    """Put every listed image at ``out/<class>/<number>.jpg``."""
    ids = read_ids(lists / 'image_ids.txt')
    wanted = {out / key: (flickr_number(Path(key)),) for key in ids}
    found = find_files(images, flickr_number)
    sources = match_files(wanted, found, HINT)
    sizes = read_sizes(lists / 'image_sizes.txt')
    check_sizes(sources, {out / key: size for key, size in sizes.items()})
    return place_files(sources, copy, dry_run)


def flickr_number(path: Path) -> str | None:
    match = NAME.fullmatch(path.name)
    return match[1] if match else None


if __name__ == '__main__':
    main()
