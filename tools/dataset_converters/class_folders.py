#!/usr/bin/env python
"""Write the lists of mmscm.WSOLMetadata for images in class folders.

    python tools/dataset_converters/class_folders.py data/mine \\
        --boxes data/mine/boxes.txt

Expects data/mine/images/<class>/<image>; writes classes.txt and
metadata/{train,val,test}. Boxes are optional, a line each:
images/<class>/<image>,x0,y0,x1,y1 in pixels of the image as stored. With
boxes, val and test are drawn from the images that have some.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmscm.apis.data_files.placement import stored_size
from mmscm.datasets.box_annotations import read_boxes

SUFFIXES = ('.bmp', '.jpeg', '.jpg', '.png', '.webp')


def main() -> None:
    args = parse_args()
    try:
        counts = convert(
            args.folder, args.boxes, args.val, args.test, args.seed
        )
    except (OSError, ValueError) as error:
        raise SystemExit(f'{error}') from error
    for split, count in counts.items():
        print(f'{args.folder}/metadata/{split}: {count} images')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
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
    return parser.parse_args()


def convert(
    folder: Path,
    boxes_file: Path | None = None,
    val: float = 0.2,
    test: float = 0.2,
    seed: int = 0,
) -> dict[str, int]:
    """Write all lists; the number of images of every split."""
    if val < 0 or test < 0 or val + test >= 1:
        raise ValueError(
            'Expected shares of val and test that leave some for training, '
            f'but got {val} and {test}.'
        )
    classes = find_images(folder)
    boxes = read_boxes(boxes_file) if boxes_file else {}
    known = {key for keys in classes.values() for key in keys}
    unknown = sorted(set(boxes) - known)
    if unknown:
        raise ValueError(
            f'{boxes_file}: Expected paths below {folder}, images/<class>/'
            f'<image>, but got {unknown[:3]}.'
        )
    splits: dict[str, list[tuple[str, int]]] = dict(train=[], val=[], test=[])
    rng = random.Random(seed)
    for label, keys in enumerate(classes.values()):
        shares = draw_splits(keys, boxes, val, test, rng)
        for split, chosen in shares.items():
            splits[split] += [(key, label) for key in sorted(chosen)]
    (folder / 'classes.txt').write_text('\n'.join(classes) + '\n')
    for split, rows in splits.items():
        write_split(folder, split, rows, boxes)
    return {split: len(rows) for split, rows in splits.items()}


def find_images(folder: Path) -> dict[str, list[str]]:
    """Ids of every class, both sorted."""
    root = folder / 'images'
    classes = {
        path.name: sorted(
            str(file.relative_to(folder))
            for file in path.iterdir()
            if file.suffix.lower() in SUFFIXES
        )
        for path in (sorted(root.iterdir()) if root.is_dir() else ())
        if path.is_dir()
    }
    empty = [name for name, keys in classes.items() if not keys]
    if not classes or empty:
        raise ValueError(
            f'Expected images in {root}/<class>/, but got none'
            f'{" of " + ", ".join(empty) if empty else ""}.'
        )
    return classes


def draw_splits(
    keys: Sequence[str],
    boxes: dict[str, np.ndarray],
    val: float,
    test: float,
    rng: random.Random,
) -> dict[str, list[str]]:
    """Images of one class, at random; those without box go to training."""
    pool = [key for key in keys if key in boxes] if boxes else list(keys)
    rng.shuffle(pool)
    count_val, count_test = (round(share * len(pool)) for share in (val, test))
    held = pool[:count_val], pool[count_val : count_val + count_test]
    rest = sorted(set(keys) - set(held[0]) - set(held[1]))
    return dict(train=rest, val=held[0], test=held[1])


def write_split(
    folder: Path,
    split: str,
    rows: Sequence[tuple[str, int]],
    boxes: dict[str, np.ndarray],
) -> None:
    target = folder / 'metadata' / split
    target.mkdir(parents=True, exist_ok=True)
    (target / 'localization.txt').unlink(missing_ok=True)  # of another run
    lists = dict(image_ids=[], class_labels=[], image_sizes=[])
    for key, label in rows:
        width, height = stored_size(folder / key)
        lists['image_ids'].append(key)
        lists['class_labels'].append(f'{key},{label}')
        lists['image_sizes'].append(f'{key},{width},{height}')
    if boxes and split != 'train':
        lists['localization'] = [
            ','.join([key, *(f'{value:g}' for value in box)])
            for key, _ in rows
            for box in boxes[key].tolist()
        ]
    for name, lines in lists.items():
        (target / f'{name}.txt').write_text('\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
