#!/usr/bin/env python
"""Make data/ILSVRC2012/val2: ImageNetV2 under the names of its boxes.

    python tools/dataset_converters/imagenetv2.py imagenetv2-threshold0.7

The boxes name images <label>/<number>.jpeg, archives since the end of 2020
name them <label>/<hash>.jpeg. mapping.txt of wsolevaluation, beside the lists,
has both names, lines `old, new`. Lists and archives of either naming go
together. Sizes are compared with the lists.
"""

from __future__ import annotations

import argparse
from pathlib import Path, PurePosixPath

from mmscm.apis.data_files.placement import (
    add_placing_arguments,
    check_sizes,
    place_files,
)
from mmscm.apis.data_files.search import find_files, match_files
from mmscm.datasets.box_annotations import (
    read_ids,
    read_sizes,
    split_fields,
)
from mmscm.datasets.text_lines import add_unique, check_relative, read_lines

HINT = (
    'Is it the archive threshold0.7, with folders 0 to 999? Where its files '
    'are named by hash and the lists by number, or the other way round, '
    'mapping.txt of wsolevaluation (metadata/ILSVRC/val) must be beside the '
    'lists or given by --mapping.'
)


def main() -> None:
    args = parse_args()
    try:
        done = convert(
            args.images,
            args.lists,
            args.out,
            args.mapping,
            args.copy,
            args.dry_run,
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
        '--lists', type=Path, default=Path('data/wsol_metadata/ILSVRC/val')
    )
    parser.add_argument('--out', type=Path, default=Path('data/ILSVRC2012'))
    parser.add_argument(
        '--mapping', type=Path, help='default: LISTS/mapping.txt if it exists'
    )
    add_placing_arguments(parser)
    return parser.parse_args()


def convert(
    images: list[Path],
    lists: Path,
    out: Path,
    mapping: Path | None = None,
    copy: bool = False,
    dry_run: bool = False,
) -> str:
    """Put every listed image at ``out/val2/<label>/<name>``."""
    default = lists / 'mapping.txt'
    if mapping is None and default.is_file():
        mapping = default
    other_names = read_mapping(mapping) if mapping else {}
    wanted = {}
    for key in read_ids(lists / 'image_ids.txt'):
        name = short_name(PurePosixPath(key))
        wanted[out / key] = [name, *other_names.get(name, [])]
    sources = match_files(wanted, find_files(images, short_name), HINT)
    sizes = read_sizes(lists / 'image_sizes.txt')
    check_sizes(sources, {out / key: size for key, size in sizes.items()})
    return place_files(sources, copy, dry_run)


def read_mapping(path: Path) -> dict[str, list[str]]:
    """Lines ``old, new`` -> the other name of each name."""
    other_names: dict[str, list[str]] = {}
    for line in read_lines(path):
        old, new = (
            check_relative(line, field.strip())
            for field in split_fields(line, 2, 'old name, new name')
        )
        if PurePosixPath(old).parent != PurePosixPath(new).parent:
            line.fail('two names in the folder of one label')
        add_unique(line, other_names, old, [new])
        add_unique(line, other_names, new, [old])
    return other_names


def short_name(path: PurePosixPath | Path) -> str:
    """``<label>/<file>``."""
    return f'{path.parent.name}/{path.name}'


if __name__ == '__main__':
    main()
