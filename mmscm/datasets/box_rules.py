"""What a box must be to count as one."""

from __future__ import annotations

import math
from collections.abc import Iterable

from .text_lines import Line


def parse_box(
    line: Line, texts: list[str], size: tuple[int, int] | None = None
) -> list[float]:
    """Four numbers x0, y0, x1, y1 that :func:`check_box` passes."""
    numbers = [line.parse(float, t, 'numbers x0,y0,x1,y1') for t in texts]
    return check_box(line, numbers, size)


def check_box(
    line: Line, box: list[float], size: tuple[int, int] | None = None
) -> list[float]:
    """A finite xyxy box with an area, within the image.

    Args:
        line (Line): Where it comes from, for the error.
        box (list[float]): x0, y0, x1, y1 in pixels.
        size (tuple[int, int], optional): (height, width) of the image.
    """
    if not all(map(math.isfinite, box)):
        line.fail('finite box coordinates')
    x0, y0, x1, y1 = box
    if x1 <= x0 or y1 <= y0:
        line.fail('a box with x0 < x1 and y0 < y1')
    if size is not None and not lies_in(box, size):
        line.fail(f'a box within the image, {size[1]} x {size[0]} pixels')
    return box


def lies_in(box: Iterable[float], size: tuple[int, int]) -> bool:
    """Whether an xyxy box lies in an image of (height, width) pixels.

    A pixel beyond the border passes: tools differ in whether coordinates
    start from 0 or 1 and name the last pixel or the one after it.
    """
    x0, y0, x1, y1 = box
    height, width = size
    inside = x0 >= -1 and y0 >= -1 and x1 <= width + 1 and y1 <= height + 1
    return inside and x0 < width and y0 < height and x1 > 0 and y1 > 0
