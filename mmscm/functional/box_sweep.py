"""Find the boxes of all grey levels of a map in one sweep over its pixels.

Pixels are added from bright to dark and a union-find joins those that touch,
so every object of every level is met once. Holes are the objects of the
inverted map in which pixels touch at their four sides only.

What a pixel changes follows from which of its eight neighbours are there
before it: eight bits, bit i for the i-th neighbour clockwise from the one
above (sides are even, corners odd). :func:`_tables` has all 256 cases.

Objects are measured by sums over the 2 x 2 quads of pixels, which stay valid
when objects join:

- area of the contour's polygon: a quad counts 1/2 with three pixels and 1 with
  four. Holes are left out, while OpenCV's contour includes them.
- Euler number: (Q1 - Q3 - 2 QD) / 4 of the numbers of quads with one, with
  three and with two diagonal pixels. One minus it is the number of holes.

Compiled code is in this file only: numba's cache on disk does not notice a
change of other files.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit

# (row, column) of each neighbour in the 3 x 3 around a pixel
_RING = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
X0, Y0, X1, Y1, AREA, EULER = range(6)  # columns of an object


def sweep_largest(
    image: np.ndarray, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Box of the contour of largest polygon area at each grey level.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        levels (np.ndarray): Grey levels, int64, ascending, shape (L,).

    Returns:
        tuple[np.ndarray, np.ndarray]: Boxes xyxy with x1 and y1 outside,
        shape (L, 4), zeros if no pixel is above the level; and whether the
        areas do not decide which contour it is, shape (L,): two are equal,
        or an object with holes could enclose more.
    """
    largest = np.zeros((len(levels), 4), np.int64)
    undecided = np.zeros(len(levels), np.bool_)
    index, objects = _objects(image, levels, four=False)
    if not len(index):
        return largest, undecided
    area = objects[:, AREA]
    starts = np.flatnonzero(np.diff(index, prepend=-1))  # of each level
    sizes = np.diff(starts, append=len(index))
    most = np.repeat(np.maximum.reduceat(area, starts), sizes)
    equal = np.flatnonzero(area == most)
    best = equal[np.searchsorted(equal, starts)]  # the first of them
    # the most that a contour can enclose, doubled; exact without holes
    width, height = (objects[:, X1:AREA] - objects[:, :X1] - 1).T
    most = np.where(objects[:, EULER] == 4, area, 2 * width * height)
    most[best] = -1
    present = index[starts]
    largest[present] = objects[best, :4]
    undecided[present] = np.maximum.reduceat(most, starts) >= area[best]
    return largest, undecided


def sweep_all(image: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Boxes of all contours at each grey level, those of holes included.

    Returns:
        np.ndarray: Index of the level and box xyxy with x1 and y1 outside,
        int64, shape (R, 5); none of a level that no pixel is above.
    """
    index, objects = _objects(image, levels, four=False)
    # what is not above a level is above 254 - level in the inverted map
    holed = np.unique(index[objects[:, EULER] != 4])[::-1]
    inverted = np.full(np.add(image.shape, 2), 255, np.uint8)
    inverted[1:-1, 1:-1] -= image
    below, holes = _objects(inverted, 254 - levels[holed], four=True)
    inner = holes[:, X0] > 0  # the one at the border is the outside
    # a contour runs around its hole; the map was padded by one pixel
    around = holes[inner, :4] - [2, 2, 0, 0]
    boxes = np.concatenate([objects[:, :4], around])
    return np.column_stack([np.append(index, holed[below[inner]]), boxes])


def _objects(
    image: np.ndarray, levels: np.ndarray, four: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Level (R,) and measures (R, 6) of every object, from bright to dark."""
    height, width = image.shape
    framed = np.zeros((height + 2, width + 2), np.uint8)
    framed[1:-1, 1:-1] = image
    ring = np.array([y * (width + 2) + x for y, x in _RING], np.uint32)
    counts, members, gains = _tables(four)
    return _sweep(framed, (counts, ring[members], gains), levels)


@lru_cache
def _tables(four: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a pixel does, by the mask of the neighbours before it.

    With ``four``, pixels touch at their sides only, as those of holes.
    Groups of neighbours that are connected without the pixel, shape (256,);
    a neighbour of each group, (256, 4); twice the area and four times the
    Euler number that the pixel adds, (256, 2).
    """
    counts, members = np.zeros(256, np.uint8), np.zeros((256, 4), np.uint8)
    gains = np.zeros((256, 2), np.int64)
    for mask in range(256):
        bits = [mask >> i & 1 for i in range(8)]
        groups = _groups(bits, four)
        counts[mask] = len(groups)
        members[mask, : len(groups)] = groups
        for i in (0, 2, 4, 6):
            quad = bits[i], bits[i + 1], bits[(i + 2) % 8]
            gains[mask] += np.subtract(_measure(1, *quad), _measure(0, *quad))
    return counts, members, gains


def _groups(bits: list[int], four: bool) -> list[int]:
    """One neighbour of each group that is connected without the pixel."""
    links = [(i, (i + 2) % 8) for i in (0, 2, 4, 6)]  # side to side
    if four:
        links = [(a, b) for a, b in links if bits[a + 1]]
    else:
        links += [(i, (i + 1) % 8) for i in range(8)]
    group = list(range(8))
    for a, b in links:
        if bits[a] and bits[b]:
            group = [group[a] if g == group[b] else g for g in group]
    touching = range(0, 8, 2) if four else range(8)
    return list({group[i]: i for i in touching if bits[i]}.values())


def _measure(
    pixel: int, side: int, corner: int, other: int
) -> tuple[int, int]:
    """Doubled area and fourfold Euler number of a quad."""
    count = pixel + side + corner + other
    diagonal = count == 2 and pixel == corner
    return max(count - 2, 0), (count == 1) - (count == 3) - 2 * diagonal


@njit(cache=True, nogil=True)
def _sweep(framed, tables, levels):
    order, masks, above = _sort(framed)
    most = framed.size // 2 + 1  # a checkerboard, of four neighbours
    labels = np.empty(framed.size, np.uint32)  # the object of each pixel
    parents = np.empty(most, np.uint32)
    objects = np.empty((most, 6), np.int64)
    index, rows = np.empty(512, np.int64), np.empty((512, 6), np.int64)
    made = done = count = 0
    for k in range(len(levels) - 1, -1, -1):
        new, done = order[done : above[levels[k]]], above[levels[k]]
        memory = labels, parents, objects
        made = _add_pixels(new, masks, framed.shape[1], tables, memory, made)
        while count + made > len(rows):
            index = np.concatenate((index, np.empty_like(index)))
            rows = np.concatenate((rows, np.empty_like(rows)))
        for i in range(made):
            if parents[i] == i:
                index[count] = k
                rows[count] = objects[i]
                count += 1
    return index[:count], rows[:count]


@njit(cache=True, nogil=True)
def _sort(framed):
    """Pixels above 0 from bright to dark, and what is there before each.

    Their numbers, that of the upper left neighbour in the flat map, so that
    all neighbours are at positive offsets; masks of neighbours by number;
    how many pixels are above each grey level, shape (256,).
    """
    height, width = framed.shape[0] - 2, framed.shape[1] - 2
    masks = np.empty((height, width + 2), np.uint8)
    counts = np.zeros(256, np.int64)
    for y in range(height):
        upper, middle, lower = framed[y], framed[y + 1], framed[y + 2]
        for x in range(width):
            grey = middle[x + 1]
            # of equal pixels, those above and to the left come first
            masks[y, x] = (
                np.uint8(upper[x + 1] >= grey)
                | np.uint8(upper[x + 2] >= grey) << 1
                | np.uint8(middle[x + 2] > grey) << 2
                | np.uint8(lower[x + 2] > grey) << 3
                | np.uint8(lower[x + 1] > grey) << 4
                | np.uint8(lower[x] > grey) << 5
                | np.uint8(middle[x] >= grey) << 6
                | np.uint8(upper[x] >= grey) << 7
            )
        for x in range(width):
            counts[middle[x + 1]] += 1
    above = counts[::-1].cumsum()[::-1] - counts
    ends = above.copy()
    order = np.empty(above[0], np.uint32)
    for y in range(height):
        for x in range(width):
            grey = framed[y + 1, x + 1]
            if grey:
                order[ends[grey]] = y * (width + 2) + x
                ends[grey] += 1
    return order, masks.reshape(-1), above


# Indices are unsigned where they change with the pixel: numba asks of signed
# ones whether they are negative, which costs as much as the rest.
@njit(cache=True, nogil=True)
def _add_pixels(new, masks, row, tables, memory, made):
    """Add pixels in order; return how many objects were made so far."""
    counts, offsets, gains = tables
    labels, parents, objects = memory
    row, centre = np.uint32(row), np.uint32(row + 1)
    for place in new:
        mask = masks[place]
        y = place // row
        x = place - y * row
        if counts[mask] == 0:
            root = np.uint32(made)
            made += 1
            parents[root] = root
            objects[root, X0], objects[root, X1] = x, x + 1
            objects[root, Y0], objects[root, Y1] = y, y + 1
            objects[root, AREA] = objects[root, EULER] = 0
        else:
            root = _find(parents, labels[place + offsets[mask, 0]])
            for j in range(1, counts[mask]):
                other = _find(parents, labels[place + offsets[mask, j]])
                if other != root:
                    _join(parents, objects, root, other)
            objects[root, X0] = min(objects[root, X0], x)
            objects[root, Y0] = min(objects[root, Y0], y)
            objects[root, X1] = max(objects[root, X1], x + 1)
            objects[root, Y1] = max(objects[root, Y1], y + 1)
        labels[place + centre] = root
        objects[root, AREA] += gains[mask, 0]
        objects[root, EULER] += gains[mask, 1]
    return made


@njit(cache=True, nogil=True)
def _find(parents, label):
    """The object that a label is part of by now."""
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@njit(cache=True, nogil=True)
def _join(parents, objects, root, other):
    """Make one object part of another."""
    parents[other] = root
    for i in (X0, Y0):
        objects[root, i] = min(objects[root, i], objects[other, i])
    for i in (X1, Y1):
        objects[root, i] = max(objects[root, i], objects[other, i])
    for i in (AREA, EULER):
        objects[root, i] += objects[other, i]
