"""What a pixel changes in its component, for all 256 neighbourhoods.

A component of 8-neighbours is measured by sums over the 2 x 2 quads of pixel
centres. A quad lies in one component, so the sums survive merging.

- Polygon area of the contour: 1/2 when the third pixel of a quad arrives,
  1/2 with the fourth. Holes are left out, while a contour includes them.
- Euler number: (Q1 - Q3 - 2 QD) / 4, with the numbers of quads of one, of
  three and of two diagonal pixels; 1 minus it is the number of holes.

Bit i of a neighbourhood is the i-th neighbour, clockwise from the one above:
even bits are sides, odd bits are corners.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .box_kernels import AREA_BITS, GROWS


class Neighbourhoods(NamedTuple):
    """What a pixel does to its component, by the neighbours it meets.

    Attributes:
        groups (np.ndarray): Offset of one neighbour of each group that is
            connected without the pixel, shape (256, 4); entries beyond the
            number of groups are zero.
        kinds (np.ndarray): Number of groups, plus ``GROWS`` if the pixel
            may lie outside the component's bounding box, uint8, (256,).
        gains (np.ndarray): Twice the area that it adds and, times 2^32,
            four times the Euler number, int64, shape (256,).
    """

    groups: np.ndarray
    kinds: np.ndarray
    gains: np.ndarray


def eight_neighbours(offsets: np.ndarray) -> Neighbourhoods:
    """Objects: the eight around a pixel are its neighbours.

    Args:
        offsets (np.ndarray): Offsets of the eight, shape (8,).

    Returns:
        Neighbourhoods: For all masks.
    """
    return _neighbourhoods(offsets, step=1)


def four_neighbours(offsets: np.ndarray) -> Neighbourhoods:
    """The complement of objects: only sides are neighbours.

    Args:
        offsets (np.ndarray): Offsets of the eight around, shape (8,).

    Returns:
        Neighbourhoods: For all masks; the sums mean nothing.
    """
    return _neighbourhoods(offsets, step=2)


def _neighbourhoods(offsets: np.ndarray, step: int) -> Neighbourhoods:
    chosen = np.zeros((256, 4), offsets.dtype)
    kinds, gains = np.zeros(256, np.uint8), np.zeros(256, np.int64)
    for mask in range(256):
        bits = [mask >> i & 1 for i in range(8)]
        groups = _groups(bits, step)
        chosen[mask, : len(groups)] = offsets[groups]
        kinds[mask] = len(groups) + GROWS * _grows(bits, step)
        gains[mask] = _gain(bits)
    return Neighbourhoods(chosen, kinds, gains)


def _grows(bits: list[int], step: int) -> bool:
    """Is a side without a neighbour at it or level with the pixel."""
    around = range(-2, 3, step)
    return any(
        not any(bits[(side + i) % 8] for i in around) for side in (0, 2, 4, 6)
    )


def _gain(bits: list[int]) -> int:
    quads = [
        _quad_gain(bits[i], bits[i + 1], bits[(i + 2) % 8])
        for i in (0, 2, 4, 6)
    ]
    area, euler = map(sum, zip(*quads, strict=True))
    return area + (euler << AREA_BITS)


def _quad_gain(side: int, corner: int, other: int) -> tuple[int, int]:
    """Doubled area and fourfold Euler number that a quad gains."""
    present = side + corner + other
    area = int(present >= 2)
    if present == 1:  # one pixel (1) becomes a diagonal (-2) or a pair (0)
        return area, -3 if corner else -1
    if present == 2:  # a pair (0) or a diagonal (-2) becomes three (-1)
        return area, -1 if corner else 1
    return area, 1  # none (0) becomes one (1), three (-1) become four (0)


def _groups(bits: list[int], step: int) -> list[int]:
    """One neighbour of each group that is connected without the pixel."""
    found: list[int] = []
    seen: set[int] = set()
    for start in range(0, 8, step):
        if bits[start] and start not in seen:
            found.append(start)
            _visit(start, bits, step, seen)
    return found


def _visit(i: int, bits: list[int], step: int, seen: set[int]) -> None:
    seen.add(i)
    # along the ring, and of eight neighbours past a corner from side to side
    for move in (-1, 1) if i % 2 or step == 2 else (-2, -1, 1, 2):
        j = (i + move) % 8
        if bits[j] and j not in seen:
            _visit(j, bits, step, seen)
