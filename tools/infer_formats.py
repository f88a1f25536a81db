"""Write boxes of photographs in the formats of detectors and labelling tools.

A record is a dict of one photo, a line of ``boxes.jsonl``: ``name``, ``path``
(None for what is no file), ``size`` (height, width), ``label``, ``class``,
``score``, ``bboxes`` (xyxy in pixels) and ``box_scores``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import quoteattr

import cv2
import numpy as np
import yaml
from PIL import Image

from mmscm.apis.localization import Localization
from mmscm.apis.photos import read_image

COPIED = ('.jpg', '.jpeg', '.png')  # every reader takes these
ORIENTATION = 0x0112  # tag of EXIF; 1 is upright
Rows = list[tuple[Path, dict]]  # a photo of the data set and its record
Splits = dict[str, Rows]


def write_json(records: Iterable[dict], path: Path) -> Path:
    """A list with one entry a box, as COCO's tools take results.

    Classes count from 0, ``bbox`` is x, y, width, height in pixels.
    """
    entries = [
        dict(
            image_id=image_id,
            file_name=record['name'],
            category_id=record['label'],
            category_name=record['class'],
            bbox=_sides(box),
            score=record['score'],
        )
        for image_id, record in enumerate(records)
        for box in record['bboxes']
    ]
    path.write_text(json.dumps(entries, indent=1), encoding='utf-8')
    return path


def write_lines(records: Iterable[dict], path: Path) -> Path:
    """Lines ``id,x0,y0,x1,y1``, the ``pseudo_boxes`` of a data set.

    Where nothing is found the box is the whole image, as in PSOL.
    """
    lines = []
    for record in records:
        height, width = record['size']
        for box in record['bboxes'] or [[0, 0, width, height]]:
            lines.append(','.join(map(str, [record['name'], *box])))
    _write_lines(path, lines)
    return path


def write_dataset(
    kind: str,
    records: Iterable[dict],
    classes: Sequence[str],
    folder: Path,
    val_share: float = 0.0,
) -> Path:
    """Copy the photos below ``folder/images`` and write their boxes.

    Args:
        kind (str): A key of :data:`WRITERS`.
        records (Iterable[dict]): Of photos that are files.
        classes (Sequence[str]): Names of all classes.
        folder (Path): Of the data set.
        val_share (float): Share of the photos for the split ``val``, chosen
            by their names.

    Returns:
        Path: What to give to a reader.
    """
    # ImageNet has two cranes
    classes = [
        name if classes.index(name) == label else f'{name} {label}'
        for label, name in enumerate(classes)
    ]
    splits: Splits = {'train': []}
    taken: set[str] = set()
    for record in records:
        split = 'val' if _draw(record['name']) < val_share else 'train'
        name = PurePosixPath(record['name'].replace('/', '_'))
        stem = name.stem
        while stem in taken:
            stem = f'{stem}-1'
        taken.add(stem)
        target = folder / 'images' / split / f'{stem}{name.suffix}'
        target = copy_upright(Path(record['path']), target)
        splits.setdefault(split, []).append((target, record))
    return WRITERS[kind](splits, classes, folder)


def copy_upright(source: Path, target: Path) -> Path:
    """Copy a photo that any reader shows in the same way; its new path.

    One that is turned by EXIF, or no JPEG or PNG, becomes an upright JPEG.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix.lower() in COPIED:
        with Image.open(source) as image:
            upright = image.getexif().get(ORIENTATION, 1) == 1
        if upright:
            shutil.copyfile(source, target)
            return target
    target = target.with_suffix('.jpg')
    cv2.imwrite(str(target), read_image(source))
    return target


def write_coco(splits: Splits, classes: list[str], folder: Path) -> Path:
    for split, rows in splits.items():
        path = folder / 'annotations' / f'{split}.json'
        _dataset(rows, classes).as_coco(annotations_path=str(path))
        content = json.loads(path.read_text('utf-8'))
        content['licenses'] = []  # supervision claims one for all photos
        for image in content['images']:
            del image['license'], image['date_captured']
        scores = [row['score'] for _, row in rows for _ in row['bboxes']]
        for entry, score in zip(content['annotations'], scores, strict=True):
            entry['score'] = score
        path.write_text(json.dumps(content), encoding='utf-8')
    return folder / 'annotations'


def write_yolo(splits: Splits, classes: list[str], folder: Path) -> Path:
    for split, rows in splits.items():
        target = str(folder / 'labels' / split)
        _dataset(rows, classes).as_yolo(annotations_directory_path=target)
    about = {
        'path': str(folder.resolve()),
        **{split: f'images/{split}' for split in splits},
        'val': f'images/{"val" if "val" in splits else "train"}',
        'nc': len(classes),
        'names': classes,
    }
    path = folder / 'data.yaml'
    path.write_text(yaml.safe_dump(about, sort_keys=False), encoding='utf-8')
    return path


def write_voc(splits: Splits, classes: list[str], folder: Path) -> Path:
    for split, rows in splits.items():
        dataset = _dataset(rows, classes)
        target = str(folder / 'annotations' / split)
        dataset.as_pascal_voc(annotations_directory_path=target)
    return folder / 'annotations'


def write_wsol(splits: Splits, classes: list[str], folder: Path) -> Path:
    """The text files that ``mmscm.WSOLMetadata`` reads."""
    for split, rows in splits.items():
        lines: dict[str, list[str]] = defaultdict(list)
        for path, record in rows:
            if not record['bboxes']:
                continue  # every image of such a set has a box
            name = path.relative_to(folder / 'images').as_posix()
            height, width = record['size']
            lines['image_ids'].append(name)
            lines['class_labels'].append(f'{name},{record["label"]}')
            lines['image_sizes'].append(f'{name},{width},{height}')
            lines['localization'] += [
                ','.join([name, *(str(round(value)) for value in box)])
                for box in record['bboxes']
            ]
        for name, content in lines.items():
            _write_lines(folder / 'metadata' / split / f'{name}.txt', content)
    _write_lines(folder / 'metadata' / 'classes.txt', classes)
    return folder / 'metadata'


def _write_lines(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(lines) + '\n', encoding='utf-8')


def write_labelstudio(
    splits: Splits, classes: list[str], folder: Path
) -> Path:
    """Tasks with predictions, and the labelling interface that they need.

    The photos are served by Label Studio's local storage, whose root is the
    folder above ``folder``.
    """
    tasks = [
        _task(
            path.relative_to(folder.parent), record, classes[record['label']]
        )
        for rows in splits.values()
        for path, record in rows
    ]
    path = folder / 'tasks.json'
    path.write_text(json.dumps(tasks, indent=1), encoding='utf-8')
    labels = '\n'.join(
        f'    <Label value={quoteattr(name)}/>' for name in classes
    )
    (folder / 'interface.xml').write_text(
        '<View>\n  <Image name="image" value="$image"/>\n'
        '  <RectangleLabels name="label" toName="image">\n'
        f'{labels}\n  </RectangleLabels>\n</View>\n',
        encoding='utf-8',
    )
    return path


def _task(path: Path, record: dict, name: str) -> dict:
    height, width = record['size']
    percent = np.array([100 / width, 100 / height] * 2)
    results = []
    for box, score in zip(record['bboxes'], record['box_scores'], strict=True):
        sides = (np.array(_sides(box)) * percent).tolist()
        value = dict(zip(('x', 'y', 'width', 'height'), sides, strict=True))
        value |= dict(rotation=0, rectanglelabels=[name])
        results.append(
            dict(
                type='rectanglelabels',
                from_name='label',
                to_name='image',
                original_width=width,
                original_height=height,
                image_rotation=0,
                score=score,
                value=value,
            )
        )
    prediction = dict(
        model_version='mmscm', score=record['score'], result=results
    )
    image = f'/data/local-files/?d={path.as_posix()}'
    return dict(data={'image': image}, predictions=[prediction])


WRITERS: dict[str, Callable[[Splits, list[str], Path], Path]] = {
    'coco': write_coco,
    'yolo': write_yolo,
    'voc': write_voc,
    'wsol': write_wsol,
    'labelstudio': write_labelstudio,
}


def _dataset(rows: Rows, classes: list[str]):
    """The photos and their boxes for supervision."""
    from supervision import DetectionDataset

    detections = {
        str(path): Localization(record).to_detections()
        for path, record in rows
    }
    return DetectionDataset(
        classes=classes, images=list(detections), annotations=detections
    )


def _draw(name: str) -> float:
    """A number in [0, 1) that only the name decides."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], 'big') / 2**32


def _sides(box: Sequence[float]) -> list[float]:
    """x, y, width, height of a box xyxy."""
    x0, y0, x1, y1 = box
    return [x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)]
