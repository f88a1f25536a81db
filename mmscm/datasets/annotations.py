"""Read annotation files: text lists of ids, labels, sizes, boxes and masks,
and boxes in the XML format of PASCAL VOC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

import numpy as np

Row = TypeVar('Row')
Value = TypeVar('Value')
SHOWN = 10  # problems in a message
SHOWN_TEXT = 200  # characters of a wrong line
README = 'The section on data of the README says where to get it.'
# A file of class names has one of these forms, or names only
SYNSET_AND_NAME = re.compile(r'n\d{8}\s+(?P<name>.+)')
CUB_NAME = re.compile(r'(\d+)\s+0*\1\.(?P<name>.+)')  # '1 001.Albatross'


class AnnotationError(ValueError):
    """Annotations that cannot be used.

    It is made of the problems; each names a file and the place in it.
    """

    @property
    def problems(self) -> tuple[str, ...]:
        """All of them; the message has the first ten."""
        return self.args

    def __str__(self) -> str:
        lines = [*self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            count = len(self.problems) - SHOWN
            lines.append(
                f'... and {count} more; tools/check_dataset.py lists them'
            )
        return '\n'.join(lines)


def parse_rows(path: str | Path, parse: Callable[[str], Row]) -> Iterator[Row]:
    """Parse the lines of a UTF-8 file that are not blank.

    Line ends may be those of Unix or Windows.

    Args:
        path (str | Path): The text file.
        parse (Callable): From a line without outer white space to a row; a
            ValueError says what was expected.

    Yields:
        Row: What ``parse`` returned.

    Raises:
        AnnotationError: After the last line; names all that were refused.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'{path}: Expected an annotation file, but there is none. {README}'
        )
    problems = []
    with open(path, 'rb') as file:
        for number, raw in enumerate(file, 1):
            text = ''
            try:
                text = raw.decode('utf-8-sig').strip()
                row = parse(text) if text else None
            except UnicodeDecodeError as error:
                message = f'Expected UTF-8 text, but got {error}.'
                problems.append(f'{path}, line {number}: {message}')
            except ValueError as error:
                message = f'{error}, but got {text[:SHOWN_TEXT]!r}.'
                problems.append(f'{path}, line {number}: {message}')
            else:
                if text:
                    yield row
    if problems:
        raise AnnotationError(*problems)


def read_table(
    path: str | Path, parse: Callable[[str], tuple[str, Value]]
) -> dict[str, Value]:
    """Rows (key, value) of a file in which a key comes once."""
    table: dict[str, Value] = {}

    def parse_new(text: str) -> tuple[str, Value]:
        key, value = parse(text)
        if key in table:
            raise ValueError('Expected each id or name once')
        return key, value

    for key, value in parse_rows(path, parse_new):
        table[key] = value
    return table


def read_ids(path: str | Path) -> list[str]:
    """Image paths relative to the data root, one a line, each once."""
    return list(read_table(path, lambda text: (check_path(text), None)))


def read_labels(
    path: str | Path, num_classes: int | None = None
) -> dict[str, int]:
    """Lines ``id,label``, labels from 0.

    Args:
        path (str | Path): The text file.
        num_classes (int, optional): Labels must be below, when given.

    Returns:
        dict[str, int]: Label of each id.
    """

    def parse(text: str) -> tuple[str, int]:
        key, label = split_fields(text, 'id,label')
        return key, parse_label(label, num_classes)

    return read_table(path, parse)


def read_sizes(path: str | Path) -> dict[str, tuple[int, int]]:
    """Lines ``id,width,height`` in pixels -> (height, width) of each id."""

    def parse(text: str) -> tuple[str, tuple[int, int]]:
        key, *texts = split_fields(text, 'id,width,height')
        width, height = (parse_number(int, t, 'whole pixels') for t in texts)
        if width <= 0 or height <= 0:
            raise ValueError('Expected a positive width and height')
        return key, (height, width)

    return read_table(path, parse)


def read_boxes(
    path: str | Path, sizes: Mapping[str, tuple[int, int]] | None = None
) -> dict[str, np.ndarray]:
    """Lines ``id,x0,y0,x1,y1`` in pixels, one for each object.

    Args:
        path (str | Path): The text file.
        sizes (Mapping, optional): (height, width) of images that boxes have
            to lie in.

    Returns:
        dict[str, np.ndarray]: float32 xyxy boxes of each id, shape (M, 4).
    """

    def parse(text: str) -> tuple[str, list[float]]:
        key, *numbers = split_fields(text, 'id,x0,y0,x1,y1')
        return key, parse_box(numbers, (sizes or {}).get(key))

    boxes: dict[str, list] = {}
    for key, box in parse_rows(path, parse):
        boxes.setdefault(key, []).append(box)
    return {key: np.array(rows, np.float32) for key, rows in boxes.items()}


def read_masks(path: str | Path) -> dict[str, tuple[list[str], str]]:
    """Lines ``id,mask,ignore``, one for each object (OpenImages30k).

    Returns:
        dict[str, tuple[list[str], str]]: Mask paths and the path of the
        region to ignore of each id, '' if there is none. Only the first
        line of an id names the latter.
    """
    masks: dict[str, tuple[list[str], str]] = {}

    def parse(text: str) -> tuple[str, str, str]:
        key, mask, ignore = split_fields(text, 'id,mask,ignore')
        if ignore and key in masks:
            raise ValueError(
                'Expected the ignore mask on the first line of an image only'
            )
        return key, check_path(mask), check_path(ignore) if ignore else ''

    for key, mask, ignore in parse_rows(path, parse):
        masks.setdefault(key, ([], ignore))[0].append(mask)
    return masks


def read_class_names(path: str | Path) -> tuple[str, ...]:
    """Class names, one a line, in the order of the labels.

    Where every line has a synset (``n01440764 tench``) or a number as in CUB
    (``1 001.Sooty_Albatross``) before the name, that is dropped.
    """
    lines = list(read_table(path, lambda text: (text, None)))
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
    path: str | Path, expected: Iterable[str], found: Iterable[str]
) -> None:
    """Refuse a file that lacks or adds ids."""
    expected, found = dict.fromkeys(expected), dict.fromkeys(found)
    lacking = [key for key in expected if key not in found]
    added = [key for key in found if key not in expected]
    problems = [
        f'{path}: Expected the ids of the list of images, but it {verb} '
        f'{len(ids)} of them, the first: {ids[:3]}.'
        for verb, ids in (('lacks', lacking), ('adds', added))
        if ids
    ]
    if problems:
        raise AnnotationError(*problems)


def split_fields(text: str, form: str) -> list[str]:
    """The fields of a line like ``form``; the first may hold commas."""
    count = form.count(',')
    fields = text.rsplit(',', count)
    if len(fields) != count + 1:
        raise ValueError(f'Expected `{form}`')
    return fields


def check_path(path: str) -> str:
    """The path, which must be that of a file below the data root."""
    parts = path.replace('\\', '/').split('/')
    if '..' in parts or not parts[0] or path[1:2] == ':' or '://' in path:
        raise ValueError('Expected a path below the data root, without `..`')
    if parts[-1] in ('', '.') or '\0' in path:
        raise ValueError('Expected a path of a file')
    return path


def parse_number(
    kind: type[int] | type[float], text: str, expected: str
) -> int | float:
    """``kind(text)`` in plain digits; Python also reads 1_000 and others."""
    try:
        if '_' in text or not text.isascii():
            raise ValueError
        return kind(text)
    except ValueError:
        raise ValueError(f'Expected {expected}') from None


@lru_cache(maxsize=1024)  # a label is one object in a million samples
def parse_label(text: str, num_classes: int | None = None) -> int:
    """A whole number from 0, below the number of classes where it is known."""
    label = parse_number(int, text, 'a whole label')
    limit = math.inf if num_classes is None else num_classes
    if not 0 <= label < limit:
        raise ValueError(f'Expected a label in [0, {limit - 1}]')
    return label


def parse_box(
    texts: list[str], size: tuple[int, int] | None = None
) -> list[float]:
    """Four numbers x0, y0, x1, y1 that :func:`check_box` passes."""
    numbers = 'numbers x0,y0,x1,y1'
    return check_box([parse_number(float, t, numbers) for t in texts], size)


def check_box(
    box: list[float], size: tuple[int, int] | None = None
) -> list[float]:
    """The xyxy box, which must be finite and have an area in the image.

    A pixel beyond the border passes: tools differ in whether coordinates
    start from 0 or 1 and name the last pixel or the one after it.

    Args:
        box (list[float]): x0, y0, x1, y1 in pixels.
        size (tuple[int, int], optional): (height, width) of the image.
    """
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

    Args:
        path (str | Path): The XML file.

    Returns:
        dict: ``gt_bboxes``, float32 xyxy in pixels, shape (M, 4), M >= 1;
        ``ori_shape``, (height, width) in pixels, where the file has them.
    """
    root = parse_xml(path)
    texts = [root.findtext(f'size/{side}', '') for side in ('height', 'width')]
    known = all(t.isdecimal() and t.isascii() and int(t) for t in texts)
    size = (int(texts[0]), int(texts[1])) if known else None
    boxes, problems = [], []
    for number, node in enumerate(root.iter('object'), 1):
        corners = ('xmin', 'ymin', 'xmax', 'ymax')
        texts = [node.findtext(f'bndbox/{corner}', '') for corner in corners]
        try:
            boxes.append(parse_box(texts, size))
        except ValueError as error:
            message = f'{error}, but got {",".join(texts)!r}.'
            problems.append(f'{path}, object {number}: {message}')
    if not boxes and not problems:
        problems = [f'{path}: Expected an object, but got none.']
    if problems:
        raise AnnotationError(*problems)
    shape = dict(ori_shape=size) if size else {}
    return dict(gt_bboxes=np.array(boxes, np.float32), **shape)


def parse_xml(path: str | Path) -> ElementTree.Element:
    """The root of an XML file that declares no entities."""
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'{path}: Expected the boxes of an image, but there is no file.'
        )
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
