"""Compiled loops of the box sweep: a union-find over components of pixels.

All loops are in this one file: numba's cache on disk notices a change of the
file a function is in, not of those it calls. `memory` is a plain tuple of
what `Components` has: numba takes 0.1 ms to look into a named one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

X0, Y0, X1, Y1, AREA2, EULER4 = range(6)  # columns of a component
OUTSIDE = 1  # the component of the frame, in the complement
# Indices that change with the pixel are unsigned: numba looks whether a
# signed one is negative, which takes half of the time.
_ONE, _TWO = np.uint64(1), np.uint64(2)
_X0, _Y0, _X1, _Y1, _AREA2, _EULER4 = map(np.uint64, range(6))


class Components(NamedTuple):
    """Components of a map that is filled pixel by pixel.

    The map has a frame of one pixel, and the place of a pixel is that of
    its upper left neighbour: every neighbour is at a positive offset.

    Attributes:
        row (np.uint64): Width of the framed map.
        groups (np.ndarray): See `box_quads.neighbourhood_groups`.
        gains (np.ndarray): See `box_quads.neighbourhood_gains`.
        order (np.ndarray): x and y of the pixels, shape (H W, 2).
        labels (np.ndarray): Component in which each place was filled, 0 if
            it is not.
        parents (np.ndarray): Component that each was merged into, or itself.
        columns (np.ndarray): Bounding box with x1 and y1 inside, doubled
            polygon area without holes and fourfold Euler number of each.
        alive (np.ndarray): Components that may not be merged yet.
        sizes (np.ndarray): Number of components made, and alive.
    """

    row: np.uint64
    groups: np.ndarray
    gains: np.ndarray
    order: np.ndarray
    labels: np.ndarray
    parents: np.ndarray
    columns: np.ndarray
    alive: np.ndarray
    sizes: np.ndarray


@njit(cache=True, nogil=True)
def sweep_objects(image, levels, memory, limit):
    """See ``box_sweep.sweep_objects``."""
    objects = Components(*memory)
    columns, alive, sizes = objects.columns, objects.alive, objects.sizes
    ends = _sort_bright_first(image, objects.order)[levels]
    _forget_all(objects)
    largest = np.zeros((len(levels), 4), np.int64)
    undecided = np.zeros(len(levels), np.bool_)
    holes = np.zeros(len(levels), np.int64)
    rows = np.zeros((512, 5), np.int64)
    count, done = 0, 0
    for i in range(len(levels) - 1, -1, -1):
        _add_object_pixels(objects, done, ends[i])
        done = ends[i]
        _forget_merged(objects)
        undecided[i] = _put_largest(objects, largest[i])
        if count <= limit:
            rows = _put_rows(rows, count, i, objects, 0)
            count += sizes[1]
        for j in range(sizes[1]):
            holes[i] += 1 - columns[alive[j], EULER4] // 4
    if count > limit:
        rows = np.zeros((0, 5), np.int64)
    return largest, undecided, rows[:count], holes, count <= limit


@njit(cache=True, nogil=True)
def sweep_holes(image, levels, memory, holes):
    """See ``box_sweep.sweep_holes``."""
    rest = Components(*memory)
    ends = _sort_bright_first(image, rest.order)[levels]
    _begin_rest(rest)
    rows = np.zeros((512, 5), np.int64)
    count, done = 0, len(rest.order)
    for i in range(len(levels)):
        _add_rest_pixels(rest, ends[i], done)
        done = ends[i]
        if holes[i]:
            _forget_merged(rest)
            rows = _put_rows(rows, count, i, rest, 1)
            count += rest.sizes[1]
    return rows[:count]


@njit(cache=True, nogil=True)
def _put_largest(objects, box):
    """Write the box of the largest component; is it undecided."""
    columns, alive, count = objects.columns, objects.alive, objects.sizes[1]
    if count == 0:
        return False
    best, bound = alive[0], -1
    for i in range(1, count):
        other = alive[i]
        if columns[other, AREA2] > columns[best, AREA2]:
            best, other = other, best
        bound = max(bound, _largest_area(columns[other]))
    _put_box(columns[best], 0, box)
    return bound >= columns[best, AREA2]


@njit(cache=True, nogil=True)
def _largest_area(column):
    """The most that the contour can enclose, doubled; exact without holes."""
    if column[EULER4] == 4:
        return column[AREA2]
    return 2 * (column[X1] - column[X0]) * (column[Y1] - column[Y0])


@njit(cache=True, nogil=True)
def _put_rows(rows, count, i, components, margin):
    """Write the boxes of all components, in a larger array if need be."""
    alive = components.alive[: components.sizes[1]]
    while count + len(alive) > len(rows):
        rows = np.concatenate((rows, np.zeros_like(rows)))
    for j in range(len(alive)):
        rows[count + j, 0] = i
        _put_box(components.columns[alive[j]], margin, rows[count + j, 1:])
    return rows


@njit(cache=True, nogil=True)
def _put_box(column, margin, box):
    box[0] = column[X0] - margin
    box[1] = column[Y0] - margin
    box[2] = column[X1] + 1 + margin
    box[3] = column[Y1] + 1 + margin


@njit(cache=True, nogil=True)
def _sort_bright_first(image, order):
    """Fill in the order; number of pixels above each level, (256,)."""
    height, width = image.shape
    above = np.zeros(256, np.int64)
    for y in range(height):
        for x in range(width):
            above[image[y, x]] += 1
    total = 0
    for grey in range(255, -1, -1):
        total, above[grey] = total + above[grey], total
    ends = above.astype(np.uint64)
    for y in range(height):
        for x in range(width):
            grey = image[y, x]
            order[ends[grey], 0] = x
            order[ends[grey], 1] = y
            ends[grey] += _ONE
    return above


@njit(cache=True, nogil=True)
def _forget_all(components):
    """Empty the map."""
    components.labels[:] = 0
    components.sizes[:] = 0


@njit(cache=True, nogil=True)
def _begin_rest(rest):
    """Empty the map, its frame one component that is never alive."""
    _forget_all(rest)
    frame = rest.labels.reshape(-1, np.int64(rest.row))
    frame[0] = frame[-1] = OUTSIDE
    frame[:, 0] = frame[:, -1] = OUTSIDE
    rest.parents[OUTSIDE] = OUTSIDE
    rest.columns[OUTSIDE] = 0
    rest.sizes[0] = OUTSIDE


@njit(cache=True, nogil=True)
def _forget_merged(components):
    """Keep the components that are roots in the list of those alive."""
    parents, alive, sizes = (
        components.parents,
        components.alive,
        components.sizes,
    )
    kept = 0
    for i in range(sizes[1]):
        if parents[alive[i]] == alive[i]:
            alive[kept] = alive[i]
            kept += 1
    sizes[1] = kept


@njit(cache=True, nogil=True)
def _add_object_pixels(objects, start, stop):
    """Fill pixels; the eight around a pixel are its neighbours."""
    row, groups, gains, order, labels, parents, columns, alive, sizes = objects
    for i in range(start, stop):
        x, y = order[i]
        upper = y * row + x
        middle, lower = upper + row, upper + row + row
        mask = np.uint64(
            (labels[upper + _ONE] != 0)
            | (labels[upper + _TWO] != 0) << 1
            | (labels[middle + _TWO] != 0) << 2
            | (labels[lower + _TWO] != 0) << 3
            | (labels[lower + _ONE] != 0) << 4
            | (labels[lower] != 0) << 5
            | (labels[middle] != 0) << 6
            | (labels[upper] != 0) << 7
        )
        if mask == 0:
            root = _new_component(parents, columns, alive, sizes)
        else:
            root = _find(parents, labels[upper + groups[mask, 0]])
            for j in range(1, gains[mask, 2]):
                label = labels[upper + groups[mask, np.uint64(j)]]
                root = _join(parents, columns, root, label)
        labels[middle + _ONE] = root
        if mask != 255:  # else the box has the pixel inside
            _grow_box(columns, root, x, y)
        columns[root, _AREA2] += gains[mask, 0]
        columns[root, _EULER4] += gains[mask, 1]


@njit(cache=True, nogil=True)
def _add_rest_pixels(rest, start, stop):
    """Fill pixels of the complement, whose neighbours are four.

    Forward those that touch others, then backward those left, which are
    moved to the front of the order: that makes few components to merge.
    """
    row, _, _, order, labels, parents, columns, alive, sizes = rest
    left = start
    for i in range(start, stop):
        x, y = order[i]
        place = (y + _ONE) * row + x + _ONE
        near = _near(labels, place, row)
        if near == OUTSIDE:  # most of them
            labels[place] = OUTSIDE
        elif near == 0:
            order[left, 0] = x
            order[left, 1] = y
            left += 1
        else:
            root = _root_around(labels, parents, columns, place, row)
            labels[place] = root
            _grow_box(columns, root, x, y)
    for i in range(left - 1, start - 1, -1):
        x, y = order[i]
        place = (y + _ONE) * row + x + _ONE
        near = _near(labels, place, row)
        if near == OUTSIDE:
            labels[place] = OUTSIDE
            continue
        if near == 0:
            root = _new_component(parents, columns, alive, sizes)
        else:
            root = _root_around(labels, parents, columns, place, row)
        labels[place] = root
        _grow_box(columns, root, x, y)


# What runs for every pixel takes arrays, not their tuple or rows of them:
# numba counts references to those.


@njit(cache=True, nogil=True)
def _near(labels, place, row):
    """Bits of the four neighbours' labels: 0 none, OUTSIDE only that."""
    return (
        labels[place - _ONE]
        | labels[place + _ONE]
        | labels[place - row]
        | labels[place + row]
    )


@njit(cache=True, nogil=True)
def _root_around(labels, parents, columns, place, row):
    """Unite the components of the four neighbours; their root."""
    root = np.uint32(0)
    for offset in (place - _ONE, place + _ONE, place - row, place + row):
        label = labels[offset]
        if label != root and label != 0:
            root = _join(parents, columns, root, label)
    return root


@njit(cache=True, nogil=True)
def _new_component(parents, columns, alive, sizes):
    """Number of a new component, alive, without pixels."""
    sizes[0] += 1
    root = sizes[0]
    parents[root] = root
    columns[root, X0] = columns[root, Y0] = 2**30
    columns[root, X1] = columns[root, Y1] = 0
    columns[root, AREA2] = columns[root, EULER4] = 0
    alive[sizes[1]] = root
    sizes[1] += 1
    return root


@njit(cache=True, nogil=True)
def _find(parents, label):
    """Root of a label's component."""
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


@njit(cache=True, nogil=True)
def _join(parents, columns, root, label):
    """Unite a root (0: none) with a label's component; the older stays."""
    other = _find(parents, label)
    if root == 0 or root == other:
        return other
    new, old = max(root, other), min(root, other)
    parents[new] = old
    for i in (X0, Y0):
        columns[old, i] = min(columns[old, i], columns[new, i])
    for i in (X1, Y1):
        columns[old, i] = max(columns[old, i], columns[new, i])
    for i in (AREA2, EULER4):
        columns[old, i] += columns[new, i]
    return old


@njit(cache=True, nogil=True)
def _grow_box(columns, root, x, y):
    """Extend a component's box by a pixel."""
    x, y = np.int32(x), np.int32(y)
    columns[root, _X0] = min(columns[root, _X0], x)
    columns[root, _Y0] = min(columns[root, _Y0], y)
    columns[root, _X1] = max(columns[root, _X1], x)
    columns[root, _Y1] = max(columns[root, _Y1], y)
