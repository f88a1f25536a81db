"""Annotation formats: ids, labels, sizes, boxes, masks, class names."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from .box_rules import parse_box
from .packed_list import Positions, StringList
from .problems import AnnotationError, report
from .text_lines import (
    Line,
    add_unique,
    check_relative,
    each_line,
    each_once,
    read_lines,
)

# What precedes a name: 'n01440764 tench', '1 001.Black_footed_Albatross'
NAME_KEY = re.compile(r'^(n\d{8}|\d+)\s+(\d{3}\.)?')


def read_ids(path: str | Path) -> StringList:
    """Image paths relative to the data root, one a line, each once."""
    ids, numbers = StringList(), array('q')

    def use(line: Line) -> None:
        ids.append(check_relative(line, line.text))
        numbers.append(line.number)

    each_line(path, use)
    repeated = report_repeated(path, ids, numbers)
    if not repeated:
        return ids
    return ids.take(i for i in range(len(ids)) if i not in repeated)


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
    labels: dict[str, int] = {}

    def use(line: Line) -> None:
        key, text = split_fields(line, 2, 'id,label')
        add_unique(line, labels, key, parse_label(line, text, num_classes))

    each_line(path, use)
    return labels


def read_label_column(
    path: str | Path, ids: StringList, num_classes: int | None = None
) -> array:
    """As :func:`read_labels`, in the order of a list, without a dict.

    Args:
        path (str | Path): The text file; it must have these ids.
        ids (StringList): N different ids.
        num_classes (int, optional): Labels must be below, when given.

    Returns:
        array: N labels; -1 where collected problems left out a line.
    """
    labels = array('q', [-1]) * len(ids)
    positions = Positions(ids)

    def use(line: Line) -> None:
        key, text = split_fields(line, 2, 'id,label')
        position = positions.find(key)
        if position < 0:
            line.fail('an id of the list of images')
        if labels[position] >= 0:
            line.fail(each_once(key))
        labels[position] = parse_label(line, text, num_classes)

    each_line(path, use)
    _report_ids(path, 'lacks', [ids[i] for i, v in enumerate(labels) if v < 0])
    return labels


def read_sizes(path: str | Path) -> dict[str, tuple[int, int]]:
    """Lines ``id,width,height`` in pixels -> (height, width) of each id."""
    sizes: dict[str, tuple[int, int]] = {}

    def use(line: Line) -> None:
        key, *texts = split_fields(line, 3, 'id,width,height')
        width, height = (line.parse(int, t, 'whole pixels') for t in texts)
        if width <= 0 or height <= 0:
            line.fail('a positive width and height')
        add_unique(line, sizes, key, (height, width))

    each_line(path, use)
    return sizes


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
    sizes = sizes or {}
    boxes: dict[str, list] = {}

    def use(line: Line) -> None:
        key, *numbers = split_fields(line, 5, 'id,x0,y0,x1,y1')
        box = parse_box(line, numbers, sizes.get(key))
        boxes.setdefault(key, []).append(box)

    each_line(path, use)
    return {key: np.array(rows, np.float32) for key, rows in boxes.items()}


def read_masks(path: str | Path) -> dict[str, tuple[list[str], str]]:
    """Lines ``id,mask,ignore``, one for each object (OpenImages30k).

    Returns:
        dict[str, tuple[list[str], str]]: Mask paths and the path of the
        region to ignore of each id. Only the first line of an id names the
        latter.
    """
    masks: dict[str, tuple[list[str], str]] = {}

    def use(line: Line) -> None:
        key, mask, ignore = split_fields(line, 3, 'id,mask,ignore')
        check_relative(line, mask)
        if key not in masks:
            masks[key] = ([], check_relative(line, ignore))
        elif ignore:
            line.fail('the ignore mask on the first line of an image only')
        masks[key][0].append(mask)

    each_line(path, use)
    return masks


def read_class_names(path: str | Path) -> tuple[str, ...]:
    """Class names, one a line, in the order of the labels.

    A leading synset or number is dropped: ``n01440764 tench`` and
    ``1 001.tench`` are both ``tench``.
    """
    names = tuple(NAME_KEY.sub('', line.text) for line in read_lines(path))
    if not names and Path(path).is_file():
        message = 'Expected class names, one a line, but got none.'
        report(AnnotationError.at(path, message))
    return names


def check_same_ids(
    path: str | Path, expected: Iterable[str], found: Iterable[str]
) -> None:
    """Report ids which ``path`` lacks or adds."""
    expected, found = dict.fromkeys(expected), dict.fromkeys(found)
    _report_ids(path, 'lacks', [key for key in expected if key not in found])
    _report_ids(path, 'adds', [key for key in found if key not in expected])


def report_repeated(
    path: str | Path, ids: StringList, numbers: Sequence[int]
) -> set[int]:
    """Report ids that come a second time.

    Args:
        path (str | Path): The list, for the error.
        ids (StringList): N ids of it.
        numbers (Sequence[int]): N numbers of their lines.

    Returns:
        set[int]: Positions among the ids.
    """
    repeated = Positions(ids).repeated()
    for position in repeated:
        key = ids[position]
        line = Line(str(path), numbers[position], key)
        report(line.error(each_once(key)))
    return set(repeated)


def split_fields(line: Line, count: int, form: str) -> list[str]:
    """The fields of a comma-separated line; the first may hold commas."""
    fields = line.text.rsplit(',', count - 1)
    if len(fields) != count:
        line.fail(f'`{form}`')
    return fields


def parse_label(line: Line, text: str, num_classes: int | None = None) -> int:
    """A whole number from 0, below the number of classes where it is known."""
    label = line.parse(int, text, 'a whole label')
    limit = math.inf if num_classes is None else num_classes
    if not 0 <= label < limit:
        line.fail(f'a label in [0, {limit - 1}]')
    return label


def _report_ids(path: str | Path, verb: str, ids: list[str]) -> None:
    if ids:
        message = (
            f'Expected the ids of the list of images, but it {verb} '
            f'{len(ids)} of them, the first: {ids[:3]}.'
        )
        report(AnnotationError.at(path, message))
