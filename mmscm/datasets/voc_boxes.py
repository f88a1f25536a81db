"""Boxes of ILSVRC annotation files, XML in the format of PASCAL VOC."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from .box_annotations import parse_box
from .text_lines import AnnotationError, Line

CORNERS = ('xmin', 'ymin', 'xmax', 'ymax')


def read_voc_boxes(path: str | Path) -> np.ndarray:
    """Boxes of all objects in one image; ILSVRC has only those of its class.

    Args:
        path (str | Path): The XML file.

    Returns:
        np.ndarray: float32 xyxy boxes in pixels, shape (M, 4), M >= 1.
    """
    path = str(path)
    nodes = _parse(path).iter('object')
    boxes = [_box(path, i, node) for i, node in enumerate(nodes, 1)]
    if not boxes:
        raise AnnotationError(f'{path}: Expected an object, but got none.')
    return np.array(boxes, np.float32)


def read_voc_names(path: str | Path) -> list[str]:
    """Names of all objects in one image, synsets in ILSVRC."""
    nodes = _parse(str(path)).iter('object')
    return [node.findtext('name', '').strip() for node in nodes]


def _parse(path: str) -> ElementTree.Element:
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'Expected the boxes of an image at {path!r}, '
            'but there is no such file.'
        )
    try:
        return ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise AnnotationError(
            f'{path}: Expected an XML file, but got: {error}.'
        ) from error


def _box(path: str, number: int, node: ElementTree.Element) -> list[float]:
    texts = [node.findtext(f'bndbox/{corner}', '') for corner in CORNERS]
    place = Line(path, number, ','.join(texts), unit='object')
    return parse_box(place, texts)
