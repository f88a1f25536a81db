#!/usr/bin/env python
"""Localize photos: python tools/infer.py PHOTOS MODEL [CHECKPOINT].

PHOTOS is an image, a folder, a URL, a video or the index of a camera.
OUT_DIR/boxes.jsonl gets a line a photo as it comes; at the end they are
written in --format:

json         OUT_DIR/results.json, COCO's format of results
coco         OUT_DIR/annotations/train.json
yolo         OUT_DIR/labels and data.yaml
voc          OUT_DIR/annotations/train/*.xml
wsol         OUT_DIR/metadata/train, text files as of wsolevaluation
labelstudio  OUT_DIR/tasks.json and interface.xml

All but json are whole data sets, with the photos in OUT_DIR/images.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import numpy as np
from infer_formats import WRITERS, write_dataset, write_json
from rich.console import Console
from rich.progress import track
from rich.table import Table

from mmscm import LocalizationInferencer
from mmscm.apis.localization import Localization
from mmscm.apis.photos import Photo, find_photos, video_frames
from mmscm.functional.boxes import box_areas

SHOWN = 20  # rows of the printed table
FROM_FOLDER = 'from-folder'
VIDEOS = ('.avi', '.m4v', '.mkv', '.mov', '.mp4', '.mpeg', '.mpg', '.webm')
WHOLE = 0.99  # of the image: its box says nothing
MANY = 0.3  # of the boxes
KEYS = ('name', 'size', 'label', 'class', 'score', 'bboxes', 'box_scores')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('images', metavar='PHOTOS', help='what to localize')
    parser.add_argument('config', metavar='MODEL', help='config or its name')
    parser.add_argument(
        'checkpoint',
        metavar='CHECKPOINT',
        nargs='?',
        help='file or URL (default: what the config loads)',
    )
    parser.add_argument(
        '--out-dir',
        type=Path,
        default=Path('outputs'),
        help='folder of what is written (default: outputs)',
    )
    parser.add_argument('--format', choices=['json', *WRITERS], default='json')
    parser.add_argument(
        '--val-share',
        type=float,
        default=0.0,
        help='share of the photos for a split of their own (default: 0)',
    )
    parser.add_argument(
        '--show-dir', type=Path, help='also draw a picture a photo, as JPEG'
    )
    parser.add_argument(
        '--target',
        metavar='CLASS',
        help='class to localize, by name or index (default: most probable);\n'
        f'{FROM_FOLDER}: the folder of each photo, PHOTOS/CLASS/a.jpg',
    )
    parser.add_argument(
        '--cam-thr',
        type=float,
        help='threshold, a fraction of the maximum of the map\n'
        '(default: the one stored in the checkpoint)',
    )
    parser.add_argument(
        *('--all-objects', '--all-contours'),
        action='store_true',
        help='a box for every separate part of the map above the threshold',
    )
    for name, default, what in (
        ('min', 0.001, 'smaller'),
        ('max', 1.0, 'larger'),
    ):
        parser.add_argument(
            f'--{name}-area',
            type=float,
            default=default,
            help=f'drop {what} boxes, fraction of the image '
            f'(default: {default})',
        )
    parser.add_argument(
        '--resume', action='store_true', help='leave out photos that are done'
    )
    parser.add_argument('--batch-size', type=int, default=16)
    parser.add_argument('--device', help='default: a GPU if there is one')
    return parser.parse_args()


def list_photos(name: str) -> list[Photo] | Iterator[Photo]:
    """The photos, or the frames of a video as they are read."""
    if name.isdigit():
        return video_frames(int(name))
    if name.lower().endswith(VIDEOS):
        return video_frames(name)
    return find_photos(name)


def check_files(photos: list[Photo] | Iterator[Photo], kind: str) -> None:
    """Stop where a data set could not copy its photos."""
    if not isinstance(photos, list) or not all(
        isinstance(photo.source, Path) for photo in photos
    ):
        sys.exit(
            f'Expected files of photos for --format {kind}, but got frames '
            'or addresses: use --format json.'
        )


def check_folder(images: Path, resume: bool) -> None:
    """Stop where photos of another data set would be among the copies."""
    if images.exists() and not resume:
        sys.exit(
            f'Expected to make {images}, but it is there: choose another '
            '--out-dir, delete it, or --resume.'
        )


def check_folders(
    photos: list[Photo] | Iterator[Photo], classes: Sequence[str]
) -> None:
    """Stop where a folder is not named as a class."""
    folders = {folder_of(photo.name) for photo in photos}
    if folders - {*classes}:
        sys.exit(
            'Expected the folders below PHOTOS to have names of classes, '
            f'such as {list(classes[:5])}, but got '
            f'{sorted(folders - {*classes})[:5]}.'
        )


def folder_of(name: str) -> str:
    """The first folder of a name, which is the class of the photo."""
    parts = PurePosixPath(name).parts
    return parts[0] if len(parts) > 1 else ''


class Journal:
    """The results so far, a line a photo after one of the settings.

    Args:
        path (Path): File of lines of JSON.
        settings (dict): What results depend on.
        resume (bool): Keep the lines that are there, which must be of the
            same settings.
    """

    def __init__(self, path: Path, settings: dict, resume: bool) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (resume and path.is_file()):
            path.write_text(json.dumps(settings) + '\n', encoding='utf-8')
            return
        content = path.read_bytes()
        end = content.rfind(b'\n') + 1  # behind it is a line cut short
        os.truncate(path, end)
        before = json.loads(content[:end].split(b'\n')[0])
        if before != settings:
            sys.exit(
                f'Expected to resume {path} with its own settings, {before}, '
                f'but got {settings}.'
            )

    def __iter__(self) -> Iterator[dict]:
        with self.path.open(encoding='utf-8') as file:
            next(file)
            yield from map(json.loads, file)

    def extend(self, results: Iterable[Localization], paths: dict) -> None:
        """Write results as they come."""
        with self.path.open('a', buffering=1, encoding='utf-8') as file:
            for result in results:
                record = {key: result[key] for key in KEYS}
                for key in ('bboxes', 'box_scores'):
                    record[key] = np.round(record[key], 4).tolist()
                record['path'] = paths.get(result['name'])
                file.write(json.dumps(record) + '\n')


def report(journal: Journal, console: Console) -> None:
    """Print a table of the first photos, and what is suspicious."""
    table = Table('Image', 'Class', 'Score', 'Boxes, pixels')
    photos = boxes = whole = 0
    for record in journal:
        found = np.array(record['bboxes']).reshape(-1, 4)
        photos += 1
        boxes += len(found)
        area = record['size'][0] * record['size'][1]
        whole += int((box_areas(found) > WHOLE * area).sum())
        if photos <= SHOWN:
            text = ' '.join(str(box) for box in found.round().tolist())
            score = f'{record["score"]:.2f}'
            table.add_row(record['name'], record['class'], score, text)
    console.print(table)
    if photos > SHOWN:
        console.print(f'and {photos - SHOWN} more')
    console.print(f'{photos} images, {boxes} boxes')
    if whole > MANY * boxes:
        console.print(
            f'Warning: {whole} of {boxes} boxes are the whole image. Choose a '
            'threshold with --cam-thr, or drop them with --max-area 0.98.'
        )


def main() -> None:
    args = parse_args()
    if args.format in ('coco', 'yolo', 'voc') and not find_spec('supervision'):
        sys.exit(
            f'Expected supervision for --format {args.format}, but it is not '
            "installed: pip install 'mmscm[boxes]'"
        )
    photos = list_photos(args.images)
    if args.format != 'json':
        check_files(photos, args.format)
        check_folder(args.out_dir / 'images', args.resume)
    inferencer = LocalizationInferencer(
        args.config, args.checkpoint, args.device, cam_thr=args.cam_thr
    )
    classes = [
        inferencer.class_name(label) for label in range(inferencer.num_classes)
    ]
    options = dict(
        target=args.target,
        all_objects=args.all_objects,
        min_area=args.min_area,
        max_area=args.max_area,
    )
    about = dict(
        config=args.config,
        checkpoint=args.checkpoint,
        cam_thr=inferencer.cam_thr,
        val_share=args.val_share,
        **options,
    )
    if args.target == FROM_FOLDER:
        check_folders(photos, classes)
        options['target'] = folder_of
    journal = Journal(args.out_dir / 'boxes.jsonl', about, args.resume)
    done = {record['name'] for record in journal}
    paths, total = {}, None
    if isinstance(photos, list):
        photos = [photo for photo in photos if photo.name not in done]
        total = len(photos)
        paths = {photo.name: str(photo.source) for photo in photos}
    failures: list[str] = []
    results = inferencer.stream(
        (photo for photo in photos if photo.name not in done),
        args.batch_size,
        show_dir=args.show_dir,
        failures=failures,
        **options,
    )
    journal.extend(track(results, 'Localize', total), paths)
    console = Console()
    report(journal, console)
    console.print(f'threshold {inferencer.cam_thr}')
    if args.format == 'json':
        path = write_json(journal, args.out_dir / 'results.json')
    else:
        path = write_dataset(
            args.format, journal, classes, args.out_dir, args.val_share
        )
    console.print(str(path), soft_wrap=True)
    if failures:
        print(f'{len(failures)} images could not be read:', file=sys.stderr)
        print(*failures, sep='\n', file=sys.stderr)


if __name__ == '__main__':
    main()
