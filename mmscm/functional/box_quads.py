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

import numpy as np


def neighbourhood_gains() -> np.ndarray:
    """What a pixel adds to the sums of its component.

    Returns:
        np.ndarray: Of each neighbourhood twice the area, four times the
        Euler number, and the number of groups of neighbours that are
        connected without the pixel; int32, shape (256, 3).
    """
    gains = np.zeros((256, 3), np.int32)
    for mask in range(256):
        bits = [mask >> i & 1 for i in range(8)]
        quads = [
            _quad_gain(bits[i], bits[i + 1], bits[(i + 2) % 8])
            for i in (0, 2, 4, 6)
        ]
        gains[mask] = *np.sum(quads, axis=0), len(_groups(mask))
    return gains


def neighbourhood_groups(offsets: np.ndarray) -> np.ndarray:
    """Offset of one neighbour of each group.

    Args:
        offsets (np.ndarray): Offsets of the eight neighbours, shape (8,).

    Returns:
        np.ndarray: Offsets by neighbourhood, shape (256, 4); entries beyond
        the number of groups are zero.
    """
    chosen = np.zeros((256, 4), offsets.dtype)
    for mask in range(256):
        groups = _groups(mask)
        chosen[mask, : len(groups)] = offsets[groups]
    return chosen


def _quad_gain(side: int, corner: int, other: int) -> tuple[int, int]:
    """Doubled area and fourfold Euler number that a quad gains."""
    present = side + corner + other
    area = int(present >= 2)
    if present == 1:  # one pixel (1) becomes a diagonal (-2) or a pair (0)
        return area, -3 if corner else -1
    if present == 2:  # a pair (0) or a diagonal (-2) becomes three (-1)
        return area, -1 if corner else 1
    return area, 1  # none (0) becomes one (1), three (-1) become four (0)


def _groups(mask: int) -> list[int]:
    """One neighbour of each group that is connected without the pixel."""
    found: list[int] = []
    seen: set[int] = set()
    for start in (i for i in range(8) if mask >> i & 1):
        if start not in seen:
            found.append(start)
            _visit(start, mask, seen)
    return found


def _visit(i: int, mask: int, seen: set[int]) -> None:
    seen.add(i)
    # along the ring, and past a corner from side to side
    for step in (-1, 1) if i % 2 else (-2, -1, 1, 2):
        j = (i + step) % 8
        if mask >> j & 1 and j not in seen:
            _visit(j, mask, seen)
