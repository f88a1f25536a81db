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

--split writes OUT_DIR/boxes.txt instead: boxes of the images of a split, to
train another network on (`pseudo_boxes` of mmscm.WSOLMetadata).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import numpy as np
from infer_formats import write_dataset, write_json, write_lines
from rich.console import Console
from rich.progress import track
from rich.table import Table

from mmscm import LocalizationInferencer
from mmscm.apis.localization import WHOLE, Localization
from mmscm.apis.photos import Photo, find_photos, video_frames
from mmscm.datasets.annotations import check_same_ids, read_ids, read_labels
from mmscm.datasets.load_image import read_image as load_image
from mmscm.functional.boxes import box_areas
from mmscm.models import DDTLocalizer
from mmscm.options import make_parser

sys.path.append(str(Path(__file__).parent / 'analysis'))

FORMATS = ('json', 'coco', 'yolo', 'voc', 'wsol', 'labelstudio')
SHOWN = 20  # rows of the printed table
FROM_FOLDER = 'from-folder'
VIDEOS = ('.avi', '.m4v', '.mkv', '.mov', '.mp4', '.mpeg', '.mpg', '.webm')
MANY = 0.3  # of the boxes
KEYS = ('name', 'size', 'label', 'class', 'score', 'bboxes', 'box_scores')


def parse_args() -> argparse.Namespace:
    parser = make_parser(__doc__)
    add = parser.add_argument
    add('images', metavar='PHOTOS', help='what to localize')
    model = 'config or its name, such as cam_efficientnet-lite0_imagenet'
    add('config', metavar='MODEL', help=model)
    add(
        'checkpoint',
        metavar='CHECKPOINT',
        nargs='?',
        help='file or URL (default: what the config loads)',
    )
    out = 'folder of what is written (default: outputs)'
    add('--out-dir', type=Path, default=Path('outputs'), help=out)
    add('--format', choices=FORMATS, default='json')
    share = 'share of the photos for a split of their own (default: 0)'
    add('--val-share', type=fraction, default=0.0, help=share)
    show = 'also draw a picture a photo, as JPEG'
    add('--show-dir', type=Path, help=show)
    review = 'also write OUT_DIR/review.html, the least certain boxes first'
    add('--review', action='store_true', help=review)
    add(
        '--target',
        metavar='CLASS',
        help='class to localize, by name or index (default: most probable);\n'
        f'{FROM_FOLDER}: the folder of each photo, PHOTOS/CLASS/a.jpg',
    )
    add(
        '--split',
        type=Path,
        metavar='FOLDER',
        help='localize the images below PHOTOS that FOLDER/image_ids.txt\n'
        'lists, each for its class in FOLDER/class_labels.txt',
    )
    add(
        '--cam-thr',
        type=fraction,
        help='threshold, a fraction of the maximum of the map\n'
        '(default: the one stored in the checkpoint, else 0.2)',
    )
    add(
        *('--all-objects', '--all-contours'),
        action='store_true',
        help='a box for every separate part of the map above the threshold',
    )
    small = 'drop smaller boxes, fraction of the image (default: 0.001)'
    add('--min-area', type=fraction, default=0.001, help=small)
    large = 'drop larger boxes, fraction of the image (default: 1)'
    add('--max-area', type=fraction, default=1.0, help=large)
    done = 'leave out photos that are done'
    add('--resume', action='store_true', help=done)
    add('--batch-size', type=int, default=16)
    add('--device', help='default: a GPU if there is one')
    args = parser.parse_args()
    if args.split and (args.target or args.format != 'json'):
        parser.error('Expected neither --target nor --format with --split.')
    return args


def fraction(text: str) -> float:
    """A number of the command line, in [0, 1]."""
    if not 0 <= float(text) <= 1:
        raise argparse.ArgumentTypeError(
            f'Expected a fraction from 0 to 1, but got {text}.'
        )
    return float(text)


class StoredPhoto(Photo):
    """One whose boxes are in its pixels as stored, as data sets read it."""

    def read(self) -> np.ndarray:
        return load_image(str(self.source))


def list_photos(name: str) -> list[Photo] | Iterator[Photo]:
    """The photos, or the frames of a video as they are read."""
    if name.isdigit():
        return video_frames(int(name))
    if name.lower().endswith(VIDEOS):
        return video_frames(name)
    if '://' not in name and not Path(name).expanduser().exists():
        sys.exit(f'{name}: Expected a photo or a folder, but there is none.')
    return find_photos(name)


def check_data_set(photos: list[Photo] | Iterator[Photo], args) -> None:
    """Stop where a data set of the photos could not be written."""
    kind, images = args.format, args.out_dir / 'images'
    if kind in ('coco', 'yolo', 'voc') and not find_spec('supervision'):
        sys.exit(
            f'Expected supervision for --format {kind}, but it is not '
            "installed: pip install 'mmscm[boxes]'"
        )
    if not isinstance(photos, list) or not all(
        isinstance(photo.source, Path) for photo in photos
    ):
        sys.exit(
            f'Expected files of photos for --format {kind}, but got frames '
            'or addresses: use --format json.'
        )
    if images.exists() and not args.resume:
        sys.exit(
            f'Expected to make {images}, but it is there: choose another '
            '--out-dir, delete it, or --resume.'
        )


def check_folders(folders: set[str], classes: Sequence[str]) -> None:
    """Stop where a folder is not named as a class."""
    if others := folders - {*classes}:
        sys.exit(
            'Expected the folders below PHOTOS to have names of classes, such '
            f'as {list(classes[:5])}, but got {sorted(others)[:5]}.'
        )


def choose_target(
    args: argparse.Namespace,
    inferencer: LocalizationInferencer,
    photos: Iterable[Photo],
    labels: dict[str, int],
) -> str | Callable[[str], str | int | None] | None:
    """The class of all photos, or what gives that of each by its name."""
    any_class = isinstance(inferencer.model, DDTLocalizer)
    if args.target == FROM_FOLDER:
        folders = {folder_of(photo.name) for photo in photos}
        named = sorted(folders - {''}) if any_class else names_of(inferencer)
        check_folders(folders, named)
        return folder_of
    if not labels or not (any_class or inferencer.model.with_head):
        if not any_class:  # before results are replaced
            inferencer.class_index(args.target)
        return args.target  # others have one map for all
    if not any_class:
        check_labels(labels, inferencer.num_classes)
    return labels.get


def names_of(inferencer: LocalizationInferencer) -> list[str]:
    """Names of all classes, in order."""
    return [*map(inferencer.class_name, range(inferencer.num_classes))]


def fit(
    inferencer: LocalizationInferencer,
    photos: list[Photo] | Iterator[Photo],
    target: str | Callable | None,
    batch_size: int,
) -> None:
    """Let DDT see all photos first; those it cannot read are named later."""
    if not (callable(target) and isinstance(photos, list)):
        sys.exit(
            'Expected photos with --split or --target from-folder for DDT, '
            'which compares the photos of each class, but got '
            f'--target {target}.'
        )
    inferencer.fit(iter(photos), target, batch_size, failures=[])


def read_split(folder: Path) -> dict[str, int]:
    """Label of every image of a split, in its order."""
    path = folder / 'class_labels.txt'
    ids, labels = read_ids(folder / 'image_ids.txt'), read_labels(path)
    check_same_ids(path, ids, labels)
    return {key: labels[key] for key in ids}


def check_labels(labels: dict[str, int], num_classes: int) -> None:
    """Stop where labels are not those of the model."""
    largest = max(labels.values())
    if largest + 1 != num_classes:
        sys.exit(
            f'Expected labels up to {num_classes - 1}, the last of the '
            f'model, in the split, but got {largest}.'
        )


def folder_of(name: str) -> str:
    """The first folder of a name, which is the class of the photo."""
    return PurePosixPath(name).parts[0] if '/' in name else ''


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
        content = path.read_bytes() if resume and path.is_file() else b''
        end = content.rfind(b'\n') + 1  # behind it is a line cut short
        if not end:
            path.write_text(json.dumps(settings) + '\n', encoding='utf-8')
            return
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
    for photos, record in enumerate(journal, 1):
        found = np.array(record['bboxes']).reshape(-1, 4)
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
    labels = read_split(args.split) if args.split else {}
    photos = [StoredPhoto(key, Path(args.images, key)) for key in labels]
    photos = photos or list_photos(args.images)
    if args.format != 'json':
        check_data_set(photos, args)
    elif args.review and not isinstance(photos, list):
        sys.exit('Expected photos for --review, but got frames of a video.')
    inferencer = LocalizationInferencer(
        args.config, args.checkpoint, args.device, cam_thr=args.cam_thr
    )
    names = 'target', 'all_objects', 'min_area', 'max_area'
    options = {name: getattr(args, name) for name in names}
    about = dict(
        config=args.config,
        checkpoint=args.checkpoint,
        cam_thr=inferencer.cam_thr,
        val_share=args.val_share,
        split=str(args.split or ''),
        **options,
    )
    options['target'] = choose_target(args, inferencer, photos, labels)
    if isinstance(inferencer.model, DDTLocalizer):
        fit(inferencer, photos, options['target'], args.batch_size)
    journal = Journal(args.out_dir / 'boxes.jsonl', about, args.resume)
    done = {record['name'] for record in journal}
    paths, total = {}, None
    if isinstance(photos, list):
        paths = {photo.name: str(photo.source) for photo in photos}
        total = len(paths.keys() - done)
    failures: list[str] = []
    results = inferencer.stream(
        (photo for photo in photos if photo.name not in done),
        args.batch_size,
        show_dir=args.show_dir,
        failures=failures,
        **options,
    )
    with closing(results):
        journal.extend(track(results, 'Localize', total), paths)
    console = Console()
    report(journal, console)
    console.print(f'threshold {inferencer.cam_thr}')
    if args.split:
        path = write_lines(journal, args.out_dir / 'boxes.txt')
    elif args.format == 'json':
        path = write_json(journal, args.out_dir / 'results.json')
    else:
        classes, share = names_of(inferencer), args.val_share
        path = write_dataset(
            args.format, journal, classes, args.out_dir, share
        )
    console.print(str(path), soft_wrap=True)
    if args.review:
        from review import write_review

        path = write_review(journal, args.out_dir / 'review.html')
        console.print(str(path), soft_wrap=True)
    if failures:
        print(f'{len(failures)} images could not be read:', file=sys.stderr)
        print(*failures, sep='\n', file=sys.stderr)


if __name__ == '__main__':
    main()
