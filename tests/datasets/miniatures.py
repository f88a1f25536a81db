"""Small files for the tests of data sets."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

VOC = """<annotation><filename>x</filename>{}</annotation>"""
VOC_OBJECT = (
    '<object><name>n02</name><bndbox><xmin>{}</xmin><ymin>{}</ymin>'
    '<xmax>{}</xmax><ymax>{}</ymax></bndbox></object>'
)


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(f'{line}\n' for line in lines), encoding='utf-8')
    return path


def paint(path: Path, width: int, height: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    return path


def voc(path: Path, *boxes: tuple) -> Path:
    return write(
        path, VOC.format(''.join(VOC_OBJECT.format(*b) for b in boxes))
    )
