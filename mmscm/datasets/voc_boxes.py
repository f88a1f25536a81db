"""Boxes of ILSVRC annotation files, XML in the format of PASCAL VOC."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from .box_rules import parse_box
from .problems import AnnotationError, MissingFileError
from .text_lines import Line

SIZE = ('height', 'width')
CORNERS = ('xmin', 'ymin', 'xmax', 'ymax')


def read_voc_boxes(path: str | Path) -> np.ndarray:
    """Boxes of all objects in one image; ILSVRC has only those of its class.

    Args:
        path (str | Path): The XML file.

    Returns:
        np.ndarray: float32 xyxy boxes in pixels, shape (M, 4), M >= 1.
    """
    path = str(path)
    root = _parse(path)
    size = _size(root)
    boxes = [
        _box(path, number, node, size)
        for number, node in enumerate(root.iter('object'), 1)
    ]
    if not boxes:
        raise AnnotationError.at(path, 'Expected an object, but got none.')
    return np.array(boxes, np.float32)


def read_voc_names(path: str | Path) -> list[str]:
    """Names of all objects in one image, synsets in ILSVRC."""
    nodes = _parse(str(path)).iter('object')
    return [node.findtext('name', '').strip() for node in nodes]


def _parse(path: str) -> ElementTree.Element:
    if not Path(path).is_file():
        raise MissingFileError.at(
            path, 'Expected the boxes of an image, but there is no such file.'
        )
    content = Path(path).read_bytes()
    # Entities can expand to gigabytes or name other files. Their declaration
    # cannot hide from the search: without zero bytes it is ASCII.
    if b'<!DOCTYPE' in content or b'\0' in content:
        raise AnnotationError.at(
            path, 'Expected XML without a DOCTYPE, in an encoding like UTF-8.'
        )
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise AnnotationError.at(
            path, f'Expected an XML file, but got: {error}.'
        ) from error


def _size(root: ElementTree.Element) -> tuple[int, int] | None:
    """(height, width) in pixels, where the file has both."""
    texts = [root.findtext(f'size/{name}', '') for name in SIZE]
    known = all(t.isdecimal() and t.isascii() and int(t) for t in texts)
    return (int(texts[0]), int(texts[1])) if known else None


def _box(
    path: str,
    number: int,
    node: ElementTree.Element,
    size: tuple[int, int] | None,
) -> list[float]:
    texts = [node.findtext(f'bndbox/{corner}', '') for corner in CORNERS]
    place = Line(path, number, ','.join(texts), unit='object')
    return parse_box(place, texts, size)
