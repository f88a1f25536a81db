"""Read annotation files: text lists of ids, labels, sizes, boxes and masks,
and boxes in the XML format of PASCAL VOC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

SHOWN = 10  # problems in a message
CORNERS = ('xmin', 'ymin', 'xmax', 'ymax')
README = 'The section on data of the README says where to get it.'
# A file of class names has one of these forms, or names only
SYNSET_AND_NAME = re.compile(r'n\d{8}\s+(?P<name>.+)')
CUB_NAME = re.compile(r'(\d+)\s+0*\1\.(?P<name>.+)')  # '1 001.Albatross'


class AnnotationError(ValueError):
    """Annotations that cannot be used; ``args`` has a text for each problem.

    The message has the first ten.
    """

    def __str__(self) -> str:
        lines = [*self.args[:SHOWN]]
        if count := len(self.args[SHOWN:]):
            lines.append(
                f'... and {count} more; tools/check_dataset.py lists them'
            )
        return '\n'.join(lines)


def read_rows(
    path: str | Path, form: str, parse: Callable[..., Any]
) -> list[Any]:
    """Parse the lines of a UTF-8 file that are not blank.

    ``form`` has the fields of a line, with commas or spaces between them,
    like 'id,label'; only the first field may hold such itself. ``parse``
    makes a row of them; its ValueErrors say what was expected, and an
    AnnotationError names all lines that were refused.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'{path}: Expected an annotation file, but there is none. {README}'
        )
    with open(path, encoding='utf-8-sig', errors='replace') as file:
        lines = (
            (f'{path}, line {number}', line.strip())
            for number, line in enumerate(file, 1)
            if not line.isspace()
        )
        return collect(lines, lambda text: parse(*split_fields(text, form)))


def collect(
    texts: Iterable[tuple[str, str]], parse: Callable[[str], Any]
) -> list[Any]:
    """Parse (place, text) pairs; one error names all that were refused."""
    rows, problems = [], []
    for place, text in texts:
        try:
            row = parse(text)
            if row is not None:  # a table keeps it
                rows.append(row)
        except ValueError as error:
            problems.append(f'{place}: {error}, but got {text[:200]!r}.')
    if problems:
        raise AnnotationError(*problems)
    return rows


def split_fields(text: str, form: str) -> list[str]:
    """The fields of a line like ``form``."""
    separator = ',' if ',' in form else None
    count = len(form.split(separator))
    fields = text.rsplit(separator, count - 1)
    if '\ufffd' in text:  # in place of what cannot be decoded
        raise ValueError('Expected UTF-8 text')
    if len(fields) != count:
        raise ValueError(f'Expected `{form}`')
    return fields


def read_table(
    path: str | Path, form: str, parse: Callable[..., tuple[str, Any]]
) -> dict[str, Any]:
    """Rows (key, value) of a file in which a key comes once."""
    table: dict[str, Any] = {}

    def add(*fields: str) -> None:
        key, value = parse(*fields)
        if key in table:
            raise ValueError('Expected each id or name once')
        table[key] = value

    read_rows(path, form, add)
    return table


def read_ids(path: str | Path) -> list[str]:
    """Image paths relative to the data root, one a line, each once."""
    return [*read_table(path, 'id', lambda key: (check_path(key), None))]


def read_labels(
    path: str | Path, num_classes: int | None = None
) -> dict[str, int]:
    """Label of each id: lines ``id,label``, labels from 0."""
    return read_table(
        path,
        'id,label',
        lambda key, label: (key, parse_label(label, num_classes)),
    )


def read_sizes(path: str | Path) -> dict[str, tuple[int, int]]:
    """Lines ``id,width,height`` in pixels -> (height, width) of each id."""

    def parse(key: str, *sides: str) -> tuple[str, tuple[int, int]]:
        width, height = (parse_number(int, s, 'whole pixels') for s in sides)
        if width <= 0 or height <= 0:
            raise ValueError('Expected a positive width and height')
        return key, (height, width)

    return read_table(path, 'id,width,height', parse)


def read_boxes(
    path: str | Path, sizes: Mapping[str, tuple[int, int]] | None = None
) -> dict[str, np.ndarray]:
    """Lines ``id,x0,y0,x1,y1`` in pixels, one for each object.

    float32 xyxy, shape (M, 4), of each id. Boxes lie in their images, whose
    (height, width) are in ``sizes``.
    """
    boxes: dict[str, list] = {}

    def add(key: str, *corners: str) -> None:
        box = parse_box(corners, (sizes or {}).get(key))
        boxes.setdefault(key, []).append(box)

    read_rows(path, 'id,x0,y0,x1,y1', add)
    return {key: np.array(rows, np.float32) for key, rows in boxes.items()}


def read_masks(path: str | Path) -> dict[str, tuple[list[str], str]]:
    """Lines ``id,mask,ignore``, one for each object (OpenImages30k).

    Paths of masks, and of the region to ignore or '', of each id, whose first
    line alone names the latter.
    """
    masks: dict[str, tuple[list[str], str]] = {}

    def add(key: str, mask: str, ignore: str) -> None:
        if ignore and key in masks:
            expected = 'the ignore mask on the first line of an image only'
            raise ValueError(f'Expected {expected}')
        ignore = check_path(ignore) if ignore else ''
        masks.setdefault(key, ([], ignore))[0].append(check_path(mask))

    read_rows(path, 'id,mask,ignore', add)
    return masks


def read_class_names(path: str | Path) -> tuple[str, ...]:
    """Class names, one a line, in the order of the labels.

    Where every line has a synset (``n01440764 tench``) or a number as in CUB
    (``1 001.Sooty_Albatross``) before the name, that is dropped.
    """
    lines = [*read_table(path, 'name', lambda line: (line, None))]
    if not lines:
        raise AnnotationError(
            f'{path}: Expected class names, one a line, but got none.'
        )
    for form in (SYNSET_AND_NAME, CUB_NAME):
        matches = [form.fullmatch(line) for line in lines]
        if all(matches):
            return tuple(match['name'] for match in matches)
    return tuple(lines)


def check_same_ids(
    path: str | Path, expected: Collection[str], found: Mapping[str, Any]
) -> None:
    """Refuse a file that lacks or adds ids; both have each once."""
    lacking = [key for key in expected if key not in found]
    if lacking or len(found) > len(expected):
        known = set(expected)
        added = [key for key in found if key not in known]
        raise AnnotationError(
            f'{path}: Expected the ids of the list of images, but it lacks '
            f'{len(lacking)} (first: {lacking[:3]}) and adds {len(added)} '
            f'(first: {added[:3]}).'
        )


def check_path(path: str) -> str:
    """The path, which must be that of a file below the data root."""
    parts = path.replace('\\', '/').split('/')
    if '..' in parts or not parts[0] or path[1:2] == ':' or '://' in path:
        raise ValueError('Expected a path below the data root, without `..`')
    return path


def parse_number(
    kind: type[int] | type[float], text: str | float, expected: str
) -> int | float:
    """``kind(text)``, or an error that says what was expected."""
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f'Expected {expected}') from None


@lru_cache(maxsize=1024)  # a label is one object in a million samples
def parse_label(
    text: str, num_classes: int | None = None, first: int = 0
) -> int:
    """Label from 0 of a class, where the file counts from ``first``."""
    label = parse_number(int, text, 'a whole label') - first
    limit = math.inf if num_classes is None else num_classes
    if not 0 <= label < limit:
        raise ValueError(f'Expected a label in [{first}, {first + limit - 1}]')
    return label


def parse_box(
    corners: Iterable[str | float], size: tuple[int, int] | None = None
) -> list[float]:
    """The box x0, y0, x1, y1 in pixels, which has an area in the image.

    ``size`` is the image's (height, width). A pixel beyond the border passes:
    tools differ in whether coordinates start from 0 or 1 and name the last
    pixel or the one after it.
    """
    box = [parse_number(float, c, 'numbers x0,y0,x1,y1') for c in corners]
    if not all(map(math.isfinite, box)):
        raise ValueError('Expected finite box coordinates')
    x0, y0, x1, y1 = box
    if x1 <= x0 or y1 <= y0:
        raise ValueError('Expected a box with x0 < x1 and y0 < y1')
    height, width = size or (math.inf, math.inf)
    beyond = x0 < -1 or y0 < -1 or x1 > width + 1 or y1 > height + 1
    if size and (beyond or x0 >= width or y0 >= height or x1 <= 0 or y1 <= 0):
        raise ValueError(
            f'Expected a box within the image, {width} x {height} pixels'
        )
    return box


def read_voc(path: str | Path) -> dict:
    """Objects of one image; ILSVRC has only those of its class.

    ``gt_bboxes``, float32 xyxy in pixels, shape (M, 4), M >= 1; and
    ``ori_shape``, (height, width) in pixels, where the file has them.
    """
    root = parse_xml(path)
    sides = [root.findtext(f'size/{side}', '') for side in ('height', 'width')]
    known = all(side.isdecimal() and int(side) for side in sides)
    shape = dict(ori_shape=(int(sides[0]), int(sides[1]))) if known else {}
    objects = (
        ','.join(node.findtext(f'bndbox/{corner}', '') for corner in CORNERS)
        for node in root.iter('object')
    )
    boxes = collect(
        ((f'{path}, object {i}', text) for i, text in enumerate(objects, 1)),
        lambda text: parse_box(text.split(','), shape.get('ori_shape')),
    )
    if not boxes:
        raise AnnotationError(f'{path}: Expected an object, but got none.')
    return dict(gt_bboxes=np.array(boxes, np.float32), **shape)


def parse_xml(path: str | Path) -> ElementTree.Element:
    """The root of an XML file that declares no entities."""
    content = Path(path).read_bytes()
    # Entities can expand to gigabytes or name other files. Their declaration
    # cannot hide from the search: without zero bytes it is ASCII.
    if b'<!DOCTYPE' in content or b'\0' in content:
        raise AnnotationError(
            f'{path}: Expected XML without a DOCTYPE, in an encoding like '
            'UTF-8.'
        )
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise AnnotationError(
            f'{path}: Expected an XML file, but got: {error}.'
        ) from error
