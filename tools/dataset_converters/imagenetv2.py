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

import _files as files

from mmscm.datasets.annotations import (
    check_path,
    parse_rows,
    read_ids,
    read_sizes,
    split_fields,
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
    copy: bool,
    dry_run: bool,
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
    found = files.find_files(folders, short_name)
    sizes = read_sizes(lists / 'image_sizes.txt')
    sizes = {out / key: size for key, size in sizes.items()}
    return f'{out}: {files.place(wanted, found, HINT, sizes, copy, dry_run)}'


def read_mapping(path: Path) -> dict[str, list[str]]:
    """Lines ``old, new`` -> the other name of each name."""
    other_names: dict[str, list[str]] = {}

    def parse(text: str) -> tuple[str, str]:
        fields = split_fields(text, 'old name,new name')
        old, new = (check_path(field.strip()) for field in fields)
        if PurePosixPath(old).parent != PurePosixPath(new).parent:
            raise ValueError('Expected two names in the folder of one label')
        if old in other_names or new in other_names:
            raise ValueError('Expected each name once')
        return old, new

    for old, new in parse_rows(path, parse):
        other_names[old], other_names[new] = [new], [old]
    return other_names


def short_name(path: PurePosixPath | Path) -> str:
    """``<label>/<file>``."""
    return f'{path.parent.name}/{path.name}'


if __name__ == '__main__':
    files.run(convert, make_parser())
