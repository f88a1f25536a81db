"""Annotation formats: ids, labels, sizes, boxes, masks, class names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from .text_lines import (
    AnnotationError,
    Line,
    add_unique,
    check_relative,
    read_lines,
)

# What precedes a name: 'n01440764 tench', '1 001.Black_footed_Albatross'
NAME_KEY = re.compile(r'^(n\d{8}|\d+)\s+(\d{3}\.)?')


def read_ids(path: str | Path) -> list[str]:
    """Image paths relative to the data root, one a line, each once."""
    ids: dict[str, None] = {}
    for line in read_lines(path):
        add_unique(line, ids, check_relative(line, line.text), None)
    return list(ids)


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
    limit = math.inf if num_classes is None else num_classes
    for line in read_lines(path):
        key, text = split_fields(line, 2, 'id,label')
        label = line.parse(int, text, '`id,label` with a whole label')
        if not 0 <= label < limit:
            line.fail(f'a label in [0, {limit - 1}]')
        add_unique(line, labels, key, label)
    return labels


def read_sizes(path: str | Path) -> dict[str, tuple[int, int]]:
    """Lines ``id,width,height`` in pixels -> (height, width) of each id."""
    sizes: dict[str, tuple[int, int]] = {}
    for line in read_lines(path):
        key, *texts = split_fields(line, 3, 'id,width,height')
        width, height = (line.parse(int, t, 'whole pixels') for t in texts)
        if width <= 0 or height <= 0:
            line.fail('a positive width and height')
        add_unique(line, sizes, key, (height, width))
    return sizes


def read_boxes(path: str | Path) -> dict[str, np.ndarray]:
    """Lines ``id,x0,y0,x1,y1`` in pixels, one for each object.

    Returns:
        dict[str, np.ndarray]: float32 xyxy boxes of each id, shape (M, 4).
    """
    boxes: dict[str, list] = {}
    for line in read_lines(path):
        key, *numbers = split_fields(line, 5, 'id,x0,y0,x1,y1')
        boxes.setdefault(key, []).append(parse_box(line, numbers))
    return {key: np.array(rows, np.float32) for key, rows in boxes.items()}


def read_masks(path: str | Path) -> dict[str, tuple[list[str], str]]:
    """Lines ``id,mask,ignore``, one for each object (OpenImages30k).

    Returns:
        dict[str, tuple[list[str], str]]: Mask paths and the path of the
        region to ignore of each id. Only the first line of an id names the
        latter.
    """
    masks: dict[str, tuple[list[str], str]] = {}
    for line in read_lines(path):
        key, mask, ignore = split_fields(line, 3, 'id,mask,ignore')
        check_relative(line, mask)
        if key not in masks:
            masks[key] = ([], check_relative(line, ignore))
        elif ignore:
            line.fail('the ignore mask on the first line of an image only')
        masks[key][0].append(mask)
    return masks


def read_class_names(path: str | Path) -> tuple[str, ...]:
    """Class names, one a line, in the order of the labels.

    A leading synset or number is dropped: ``n01440764 tench`` and
    ``1 001.tench`` are both ``tench``.
    """
    return tuple(NAME_KEY.sub('', line.text) for line in read_lines(path))


def check_same_ids(
    path: str | Path, expected: Iterable[str], found: Iterable[str]
) -> None:
    """Raise an error that names ids which ``path`` lacks or adds."""
    expected, found = dict.fromkeys(expected), dict.fromkeys(found)
    for verb, ids in (
        ('lacks', [key for key in expected if key not in found]),
        ('adds', [key for key in found if key not in expected]),
    ):
        if ids:
            raise AnnotationError(
                f'{path}: Expected the ids of the list of images, but it '
                f'{verb} {len(ids)} of them, the first: {ids[:3]}.'
            )


def split_fields(line: Line, count: int, form: str) -> list[str]:
    """The fields of a comma-separated line; the first may hold commas."""
    fields = line.text.rsplit(',', count - 1)
    if len(fields) != count:
        line.fail(f'`{form}`')
    return fields


def parse_box(line: Line, texts: list[str]) -> list[float]:
    """Four finite numbers x0, y0, x1, y1 with x0 <= x1 and y0 <= y1."""
    box = [line.parse(float, t, 'numbers x0,y0,x1,y1') for t in texts]
    if not all(map(math.isfinite, box)):
        line.fail('finite box coordinates')
    x0, y0, x1, y1 = box
    if x1 < x0 or y1 < y0:
        line.fail('a box with x0 <= x1 and y0 <= y1')
    return box
