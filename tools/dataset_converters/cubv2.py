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

import _files as files

from mmscm.datasets.annotations import read_ids, read_sizes

NAME = re.compile(r'(\d+)(_\w+)?\.jpe?g', re.IGNORECASE)
HINT = (
    'Images are known by their Flickr number; is CUBV2 unpacked there, and '
    'not only CUB-200-2011?'
)


def make_parser() -> argparse.ArgumentParser:
    lists = 'data/wsol_metadata/CUB/val'
    return files.placing_command(__doc__, lists, 'data/CUBV2')


def convert(folders: list[Path], lists: Path, out: Path, **options) -> str:
    """Put every listed image at ``out/<class>/<number>.jpg``."""
    ids = read_ids(lists / 'image_ids.txt')
    wanted = {key: [flickr_number(Path(key))] for key in ids}
    found = files.find_files(folders, flickr_number)
    sizes = read_sizes(lists / 'image_sizes.txt')
    return files.place(out, wanted, found, HINT, sizes, **options)


def flickr_number(path: Path) -> str | None:
    match = NAME.fullmatch(path.name)
    return match[1] if match else None


if __name__ == '__main__':
    files.run(convert, make_parser())
