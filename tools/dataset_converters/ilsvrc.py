#!/usr/bin/env python
"""Make data/ILSVRC2012/meta/val.txt: the labels of the validation images.

    python tools/dataset_converters/ilsvrc.py data/ILSVRC2012

Classes come from the XML files of the boxes, Annotations/CLS-LOC/val. Images
may lie flat in val, as the archive has them, or in folders; nothing is moved.
The label of a class is the rank of its synset among all 1000, not its number
in the development kit.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import _files as files

from mmscm.datasets.annotations import parse_xml
from mmscm.datasets.class_folders import visible

NUM_CLASSES = 1000


def make_parser() -> argparse.ArgumentParser:
    parser = files.make_parser(__doc__)
    parser.add_argument('root', type=Path, help='has val, Annotations')
    parser.add_argument(
        '--dry-run', action='store_true', help='check all, write nothing'
    )
    return parser


def convert(root: Path, dry_run: bool = False) -> str:
    """Write ``meta/val.txt``, lines ``path label``; what was done."""
    synsets = synsets_of_xml(root / 'Annotations/CLS-LOC/val')
    ranked = sorted(set(synsets.values()))
    if len(ranked) != NUM_CLASSES:
        raise ValueError(
            f'Expected {NUM_CLASSES} synsets in the annotations of val, but '
            f'got {len(ranked)}. Are they complete?'
        )
    if (root / 'train').is_dir():  # labels there are ranks of folders
        train = {p.name for p in visible(root / 'train') if p.is_dir()}
        if train != set(ranked):
            raise ValueError(
                'Expected a folder in train for each synset, but it lacks '
                f'{sorted(set(ranked) - train)[:3]} and adds '
                f'{sorted(train - set(ranked))[:3]}.'
            )
    images = find_images(root / 'val', synsets)
    labels = {synset: label for label, synset in enumerate(ranked)}
    lines = [f'{images[k]} {labels[synsets[k]]}' for k in sorted(synsets)]
    path = root / 'meta/val.txt'
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


def find_images(val: Path, synsets: dict[str, str]) -> dict[str, str]:
    """Path below ``val`` of every image that has a class, and no other."""
    found = files.find_files(
        [val], lambda p: p.stem if p.suffix.lower() == '.jpeg' else None
    )
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


if __name__ == '__main__':
    files.run(convert, make_parser())
