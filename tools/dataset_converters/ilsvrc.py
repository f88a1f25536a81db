#!/usr/bin/env python
"""Make data/ILSVRC2012/meta/val.txt: the labels of the validation images.

    python tools/dataset_converters/ilsvrc.py data/ILSVRC2012

Classes come from the XML files of the boxes, Annotations/CLS-LOC/val, or
with --devkit from ILSVRC2012_devkit_t12. Images may lie flat in val, as the
archive has them, or in folders; nothing is moved.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mmscm.apis.data_files.search import find_files, listing
from mmscm.datasets.ilsvrc_labels import (
    check_train_folders,
    ranks,
    synsets_of_devkit,
    synsets_of_xml,
)

SUFFIX = '.jpeg'


def main() -> None:
    args = parse_args()
    try:
        print(convert(args.root, args.devkit, args.dry_run))
    except (OSError, ValueError) as error:
        raise SystemExit(f'{error}') from error


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('root', type=Path, help='has val, Annotations')
    parser.add_argument(
        '--devkit', type=Path, help='folder of the unpacked development kit'
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='check all, write nothing'
    )
    return parser.parse_args()


def convert(
    root: Path, devkit: Path | None = None, dry_run: bool = False
) -> str:
    """Write ``meta/val.txt``, lines ``path label``; what was done."""
    if devkit is None:
        synsets = synsets_of_xml(root / 'Annotations/CLS-LOC/val')
    else:
        synsets = synsets_of_devkit(devkit)
    labels = ranks(synsets.values())
    train = root / 'train'
    if train.is_dir():
        folders = (path for path in train.iterdir() if path.is_dir())
        check_train_folders((path.name for path in folders), labels)
    images = find_images(root / 'val', synsets)
    lines = [f'{images[k]} {labels[synsets[k]]}\n' for k in sorted(synsets)]
    return write_once(root / 'meta/val.txt', lines, dry_run)


def find_images(val: Path, synsets: dict[str, str]) -> dict[str, str]:
    """Path below ``val`` of every image that has a class, and no other."""
    found = find_files([val], image_name)
    problems = [
        *(f'{name}: no image' for name in sorted(synsets.keys() - found)),
        *(f'{name}: no class' for name in sorted(found.keys() - synsets)),
        *(f'{name}: in two folders' for name in found if found[name][1:]),
    ]
    if problems:
        raise ValueError(
            f'Expected one image in {val} for each annotation, but '
            f'{len(problems)} do not match:{listing(problems)}'
        )
    return {
        name: paths[0].relative_to(val).as_posix()
        for name, paths in found.items()
    }


def image_name(path: Path) -> str | None:
    return path.stem if path.suffix.lower() == SUFFIX else None


def write_once(path: Path, lines: list[str], dry_run: bool) -> str:
    """Write a list of images, or find that it is there already."""
    text = ''.join(lines)
    if path.exists():
        if path.read_text() != text:
            raise FileExistsError(
                f'Expected no other list at {path}; move it away first.'
            )
        return f'{path}: {len(lines)} images, already there'
    if dry_run:
        return f'{path}: {len(lines)} images, would be written'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return f'{path}: {len(lines)} images'


if __name__ == '__main__':
    main()
