#!/usr/bin/env python
"""Make data/ILSVRC2012/meta/val.txt: the labels of the validation images.

    python tools/dataset_converters/ilsvrc.py data/ILSVRC2012

Classes come from the XML files of the boxes, Annotations/CLS-LOC/val, or
with --devkit from ILSVRC2012_devkit_t12. Images may lie flat in val, as the
archive has them, or in folders; nothing is moved. The label of a class is the
rank of its synset among all 1000, not its number in the development kit.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import count
from pathlib import Path

import _files as files
from mat4py import loadmat
from mat4py.loadmat import ParseError

from mmscm.datasets.annotations import parse_number, parse_rows, parse_xml

NUM_CLASSES = 1000
TRUTH = 'ILSVRC2012_validation_ground_truth.txt'


def make_parser() -> argparse.ArgumentParser:
    parser = files.command(__doc__)
    parser.add_argument('root', type=Path, help='has val, Annotations')
    parser.add_argument(
        '--devkit', type=Path, help='folder of the unpacked development kit'
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='check all, write nothing'
    )
    return parser


def convert(
    root: Path, devkit: Path | None = None, dry_run: bool = False
) -> str:
    """Write ``meta/val.txt``, lines ``path label``; what was done."""
    if devkit is None:
        synsets = synsets_of_xml(root / 'Annotations/CLS-LOC/val')
    else:
        synsets = synsets_of_devkit(devkit)
    labels = ranks(synsets.values())
    if (root / 'train').is_dir():
        folders = {p.name for p in (root / 'train').iterdir() if p.is_dir()}
        check_train_folders(folders, set(labels))
    images = find_images(root / 'val', synsets)
    lines = [f'{images[k]} {labels[synsets[k]]}' for k in sorted(synsets)]
    return write_once(root / 'meta/val.txt', lines, dry_run)


def synsets_of_xml(folder: Path) -> dict[str, str]:
    """Synset by name of the image, of XML files flat or in folders."""
    synsets = {}
    for path in sorted(folder.rglob('*.xml')):
        objects = parse_xml(path).iter('object')
        names = {node.findtext('name', '').strip() for node in objects}
        if len(names) != 1:
            raise ValueError(
                f'{path}: Expected objects of one synset, but got '
                f'{sorted(names)}.'
            )
        synsets[path.stem] = names.pop()
    if not synsets:
        raise FileNotFoundError(
            f'Expected XML files with the boxes of val in {str(folder)!r}, '
            'but there are none.'
        )
    return synsets


def synsets_of_devkit(folder: Path) -> dict[str, str]:
    """Synset by name of the image, from ILSVRC2012_devkit_t12.

    Line i of the ground truth is the number of the class of the image
    ILSVRC2012_val_i; ``meta.mat`` has the synset of each number.
    """
    synsets = read_synsets(folder / 'data/meta.mat')

    def parse(text: str) -> str:
        number = parse_number(int, text, 'the number of a class')
        if number not in synsets:
            raise ValueError('Expected a number of meta.mat')
        return synsets[number]

    rows = zip(count(1), parse_rows(folder / 'data' / TRUTH, parse))
    return {f'ILSVRC2012_val_{number:08d}': synset for number, synset in rows}


def read_synsets(path: Path) -> dict[int, str]:
    """Synset of each number of a class."""
    if not path.is_file():
        raise FileNotFoundError(
            f'Expected the file of the development kit at {str(path)!r}, '
            'but there is none.'
        )
    try:
        table = loadmat(str(path))['synsets']
        numbers, synsets = table['ILSVRC2012_ID'], table['WNID']
    except (ParseError, KeyError, TypeError) as error:
        raise ValueError(
            f'{path}: Expected a table `synsets` with ILSVRC2012_ID and '
            f'WNID, but got: {error!r}. The XML files have the classes too.'
        ) from error
    return {int(n): s for n, s in zip(numbers, synsets, strict=True)}


def ranks(synsets: Iterable[str]) -> dict[str, int]:
    """Label of each synset; a part of the classes has no labels."""
    names = sorted(set(synsets))
    if len(names) != NUM_CLASSES:
        raise ValueError(
            f'Expected {NUM_CLASSES} synsets in the annotations of val, but '
            f'got {len(names)}. Are they complete?'
        )
    return {name: label for label, name in enumerate(names)}


def check_train_folders(train: set[str], synsets: set[str]) -> None:
    """Labels of training images are ranks of folders; they must be equal."""
    if train != synsets:
        raise ValueError(
            'Expected a folder in train for each synset, but it lacks '
            f'{sorted(synsets - train)[:3]} and adds '
            f'{sorted(train - synsets)[:3]}.'
        )


def find_images(val: Path, synsets: dict[str, str]) -> dict[str, str]:
    """Path below ``val`` of every image that has a class, and no other."""
    found = files.find_files([val], image_name)
    problems = [
        *(f'{name}: no image' for name in sorted(synsets.keys() - found)),
        *(f'{name}: no class' for name in sorted(found.keys() - synsets)),
        *(f'{name}: in two folders' for name in found if found[name][1:]),
    ]
    if problems:
        raise ValueError(
            f'Expected one image in {val} for each annotation, but '
            f'{len(problems)} do not match:{files.listing(problems)}'
        )
    return {
        name: paths[0].relative_to(val).as_posix()
        for name, paths in found.items()
    }


def image_name(path: Path) -> str | None:
    return path.stem if path.suffix.lower() == '.jpeg' else None


def write_once(path: Path, lines: list[str], dry_run: bool) -> str:
    """Write a list of images, or find that it is there already."""
    if path.exists():
        if path.read_text(encoding='utf-8').splitlines() != lines:
            raise FileExistsError(
                f'Expected no other list at {path}; move it away first.'
            )
        return f'{path}: {len(lines)} images, already there'
    if dry_run:
        return f'{path}: {len(lines)} images, would be written'
    files.write_lines(path, lines)
    return f'{path}: {len(lines)} images'


if __name__ == '__main__':
    files.run(convert, make_parser())
