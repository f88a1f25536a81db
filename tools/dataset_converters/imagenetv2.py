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
from pathlib import Path

import _files as files

from mmscm.datasets.annotations import (
    check_path,
    read_ids,
    read_sizes,
    read_table,
)

HINT = (
    'Is it the archive threshold0.7, with folders 0 to 999? Where its files '
    'are named by hash and the lists by number, or the other way round, '
    'mapping.txt of wsolevaluation (metadata/ILSVRC/val) must be beside the '
    'lists or given by --mapping.'
)


def make_parser() -> argparse.ArgumentParser:
    lists = 'data/wsol_metadata/ILSVRC/val'
    parser = files.placing_command(__doc__, lists, 'data/ILSVRC2012')
    parser.add_argument(
        '--mapping', type=Path, help='default: LISTS/mapping.txt if it exists'
    )
    return parser


def convert(
    folders: list[Path],
    lists: Path,
    out: Path,
    mapping: Path | None,
    **options,
) -> str:
    """Put every listed image at ``out/val2/<label>/<name>``."""
    default = lists / 'mapping.txt'
    if mapping is None and default.is_file():
        mapping = default
    other_names = read_mapping(mapping) if mapping else {}
    wanted = {}
    for key in read_ids(lists / 'image_ids.txt'):
        name = files.short_name(Path(key))
        wanted[key] = [name, other_names.get(name, name)]
    found = files.find_files(folders, files.short_name)
    sizes = read_sizes(lists / 'image_sizes.txt')
    return files.place(out, wanted, found, HINT, sizes, **options)


def read_mapping(path: Path) -> dict[str, str]:
    """Lines ``old, new`` -> the other name of each name."""

    def parse(old: str, new: str) -> tuple[str, str]:
        old, new = check_path(old.strip()), check_path(new.strip())
        if Path(old).parent != Path(new).parent:
            raise ValueError('Expected two names in the folder of one label')
        return old, new

    new_names = read_table(path, 'old name,new name', parse)
    return new_names | {new: old for old, new in new_names.items()}


if __name__ == '__main__':
    files.run(convert, make_parser())
