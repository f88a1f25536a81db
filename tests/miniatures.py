"""Small files for the tests of data sets."""

from pathlib import Path

import cv2
import numpy as np

OBJECT = (
    '<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin>'
    '<xmax>{}</xmax><ymax>{}</ymax></bndbox></object>'
)
SIZE = '<size><width>{}</width><height>{}</height></size>'


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(f'{line}\n' for line in lines), encoding='utf-8')
    return path


def write_lists(folder: Path, **lists: dict[str, object]) -> Path:
    """NAME.txt with a line ``key,value`` each; the first list has all ids."""
    write(folder / 'image_ids.txt', *next(iter(lists.values())))
    for name, values in lists.items():
        rows = (f'{key},{value}' for key, value in values.items())
        write(folder / f'{name}.txt', *rows)
    return folder


def paint(path: Path, width: int, height: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    return path


def voc(
    path: Path,
    *boxes: tuple,
    name: str = 'n02',
    size: tuple[int, int] | None = None,
) -> Path:
    """Objects of one class, in an image of (width, height)."""
    objects = ''.join(OBJECT.format(name, *box) for box in boxes)
    sized = SIZE.format(*size) if size else ''
    return write(path, f'<annotation>{sized}{objects}</annotation>')
