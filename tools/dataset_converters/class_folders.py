#!/usr/bin/env python
"""Write the lists of mmscm.WSOLMetadata for images in class folders.

    python tools/dataset_converters/class_folders.py data/mine \\
        --boxes data/mine/boxes.txt

Expects data/mine/images/<class>/<image>; writes classes.txt and
metadata/{train,val,test}. Boxes are optional, a line each:
images/<class>/<image>,x0,y0,x1,y1 in pixels of the image as stored. With
boxes, val and test are drawn from the images that have some. Hidden folders
and files are passed over; what else is left out is counted.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import _files as files
import numpy as np

from mmscm.datasets.annotations import read_boxes, read_class_names
from mmscm.datasets.class_folders import list_class_folders


def make_parser() -> argparse.ArgumentParser:
    parser = files.make_parser(__doc__)
    parser.add_argument('folder', type=Path, help='has images/<class>/')
    parser.add_argument('--boxes', type=Path, help='text file of boxes')
    for split in ('val', 'test'):
        parser.add_argument(
            f'--{split}',
            type=float,
            default=0.2,
            help=f'share of every class in {split} (default: 0.2)',
        )
    parser.add_argument('--seed', type=int, default=0)
    return parser


def convert(
    folder: Path,
    boxes: Path | None = None,
    val: float = 0.2,
    test: float = 0.2,
    seed: int = 0,
) -> str:
    """Write all lists; the number of images of every split."""
    if val < 0 or test < 0 or val + test >= 1:
        raise ValueError(
            'Expected shares of val and test that leave some for training, '
            f'but got {val} and {test}.'
        )
    classes, left_out = list_class_folders(folder / 'images')
    write_classes(folder, classes)
    boxes_of = read_boxes(boxes) if boxes else {}
    unknown = set(boxes_of)
    splits: dict[str, list[tuple[str, int]]] = dict(train=[], val=[], test=[])
    rng = random.Random(seed)
    for label, (name, images) in enumerate(classes.items()):
        keys = [f'images/{name}/{image}' for image in images]
        unknown.difference_update(keys)
        # those without a box go to training
        pool = [key for key in keys if key in boxes_of or not boxes_of]
        rng.shuffle(pool)
        ends = [round(share * len(pool)) for share in (val, test)]
        held = dict(val=pool[: ends[0]], test=pool[ends[0] :][: ends[1]])
        held['train'] = set(keys) - {*held['val'], *held['test']}
        for split, chosen in held.items():
            splits[split] += [(key, label) for key in sorted(chosen)]
    if unknown:
        raise ValueError(
            f'{boxes}: Expected paths below {folder}, images/<class>/'
            f'<image>, but got {sorted(unknown)[:3]}.'
        )
    for split, rows in splits.items():
        write_split(folder / 'metadata' / split, folder, rows, boxes_of)
    done = [f'{folder}/metadata/{s}: {len(splits[s])} images' for s in splits]
    lines = [f'{folder}/images: left out {other}' for other in left_out]
    return '\n'.join([*done, *lines])


def write_classes(folder: Path, classes: dict[str, list[str]]) -> None:
    """Write ``classes.txt``, which must be read as it is written.

    There must be images of two classes or more.
    """
    empty = [name for name, images in classes.items() if not images]
    if empty:
        raise ValueError(
            f'Expected images in {folder}/images/<class>/, but got none of '
            f'{", ".join(empty)}.'
        )
    if len(classes) < 2:
        raise ValueError(
            f'Expected two class folders or more in {folder}/images, but got '
            f'{len(classes)}. With one class there is nothing to learn: add '
            'a folder of images without the object.'
        )
    path = folder / 'classes.txt'
    files.write_lines(path, classes)
    if read_class_names(path) != tuple(classes):
        raise ValueError(
            f'{path}: Expected names of class folders without outer spaces '
            'or line ends, and not all of them to begin with a synset '
            '(n01440764 tench). Rename the folders.'
        )


def write_split(
    target: Path,
    root: Path,
    rows: Sequence[tuple[str, int]],
    boxes: dict[str, np.ndarray],
) -> None:
    lists = dict(image_ids=[], class_labels=[], image_sizes=[])
    for key, label in rows:
        width, height = files.stored_size(root / key)
        lists['image_ids'].append(key)
        lists['class_labels'].append(f'{key},{label}')
        lists['image_sizes'].append(f'{key},{width},{height}')
    if boxes and target.name != 'train':
        lists['localization'] = [
            ','.join([key, *(f'{value:g}' for value in box)])
            for key, _ in rows
            for box in boxes[key].tolist()
        ]
    else:  # of another run
        (target / 'localization.txt').unlink(missing_ok=True)
    for name, lines in lists.items():
        files.write_lines(target / f'{name}.txt', lines)


if __name__ == '__main__':
    files.run(convert, make_parser())
