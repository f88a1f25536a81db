#!/usr/bin/env python
"""Build data/imagenette_wsol from Imagenette and lists of ids and boxes.

    python tools/dataset_converters/imagenette_wsol.py \\
        imagenette2-320 metadata data/imagenette_wsol

Images are stretched to 224 x 224, the frame the boxes of the lists are in.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import _files as files
import cv2
from mmengine.utils import track_iter_progress

from mmscm.datasets.annotations import (
    check_same_ids,
    read_boxes,
    read_ids,
    read_labels,
)
from mmscm.datasets.load_image import read_image

SIZE = 224  # pixels
SPLITS = ('train', 'val', 'test')
HINT = 'They lie in {train,val}/<synset>/ of Imagenette.'
CLASSES = {
    'n01440764': 'tench',
    'n02102040': 'English springer',
    'n02979186': 'cassette player',
    'n03000684': 'chain saw',
    'n03028079': 'church',
    'n03394916': 'French horn',
    'n03417042': 'garbage truck',
    'n03425413': 'gas pump',
    'n03445777': 'golf ball',
    'n03888257': 'parachute',
}


def make_parser() -> argparse.ArgumentParser:
    parser = files.make_parser(__doc__)
    parser.add_argument(
        'imagenette', type=Path, help='folder with train/ and val/'
    )
    parser.add_argument(
        'metadata', type=Path, help='folder with train/, val/, test/ of lists'
    )
    parser.add_argument('out', type=Path, help='folder to write')
    return parser


def convert(imagenette: Path, metadata: Path, out: Path) -> str:
    """Write images/, metadata/ and classes.txt into ``out``."""
    ids = [key for split in SPLITS for key in read_split(metadata / split)]
    # Imagenette splits differently from the lists
    found = files.find_files([imagenette], files.short_name)
    wanted = {key: [files.short_name(Path(key))] for key in ids}
    sources = files.match_files(out, wanted, found, HINT)
    for target in track_iter_progress(list(sources)):
        target.parent.mkdir(parents=True, exist_ok=True)
        image = cv2.resize(
            read_image(str(sources[target])),
            (SIZE, SIZE),
            interpolation=cv2.INTER_AREA,
        )
        cv2.imwrite(str(target), image, [cv2.IMWRITE_JPEG_QUALITY, 95])
    shutil.copytree(metadata, out / 'metadata', dirs_exist_ok=True)
    names = (f'{synset} {name}' for synset, name in CLASSES.items())
    files.write_lines(out / 'classes.txt', names)
    return f'{out}: {len(ids)} images'


def read_split(folder: Path) -> list[str]:
    """Ids of a split, after a check of all its lists."""
    ids = read_ids(folder / 'image_ids.txt')
    labels = read_labels(folder / 'class_labels.txt', len(CLASSES))
    check_same_ids(folder / 'class_labels.txt', ids, labels)
    for key in ids:
        if Path(key).parent.name != list(CLASSES)[labels[key]]:
            raise ValueError(
                f'{folder}: Expected ids images/<synset>/<file> with the '
                f'label of the synset, but got {key!r}, label {labels[key]}.'
            )
    if (folder / 'localization.txt').is_file():
        boxes = read_boxes(folder / 'localization.txt')
        check_same_ids(folder / 'localization.txt', ids, boxes)
    return ids


if __name__ == '__main__':
    files.run(convert, make_parser())
