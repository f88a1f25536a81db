"""Compiled loops of the box sweep: a union-find over components of pixels.

All loops and their constants are in this one file: numba's cache on disk
notices a change of the file a function is in, not of those it calls. `memory`
and `tables` are plain tuples of what `Components` and `Neighbourhoods` have:
numba takes 0.1 ms to look into a named one.

Which neighbours of a pixel are filled before it follows from the map alone,
and so does what the pixel adds to its component. That is found row by row,
without branches; the loop over the sorted pixels is left with the labels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

AREA_BITS = 32  # a sum is area + Euler number * 2^32
ONE_GROUP, GROWS = 1, 8  # a kind is the number of groups, and the bit GROWS
X0, Y0, X1, Y1 = range(4)  # columns of a box
FRAMES = 2  # pixels around the map
# Indices that change with the pixel are unsigned: numba looks whether a
# signed one is negative, which takes half of the time.
_ZERO, _ONE = np.uint64(0), np.uint64(1)
_AREA = 2**AREA_BITS - 1


class Components(NamedTuple):
    """Components of a map that is filled pixel by pixel.

    The map (H, W) has two frames of one pixel: the inner one is the outside
    in the complement, the outer one is never filled. The place of a pixel
    is that of its upper left neighbour: every neighbour is at a positive
    offset.

    Attributes:
        row (np.uint64): Width of the framed map, W + 4.
        framed (np.ndarray): Grey map, filled from 255 to 1, (H + 4, W + 4).
        masks (np.ndarray): Neighbours that are filled before each place.
        order (np.ndarray): Places, bright first, shape ((H + 2) (W + 2),).
        labels (np.ndarray): Component in which each place was filled.
        parents (np.ndarray): Component that each was merged into, or itself.
        boxes (np.ndarray): Bounding box of each, with x1 and y1 inside and
            the outer frame at 0.
        sums (np.ndarray): See `box_quads.Neighbourhoods.gains`.
        alive (np.ndarray): Components that may not be merged yet.
        sizes (np.ndarray): Number of components made, and alive.
    """

    row: np.uint64
    framed: np.ndarray
    masks: np.ndarray
    order: np.ndarray
    labels: np.ndarray
    parents: np.ndarray
    boxes: np.ndarray
    sums: np.ndarray
    alive: np.ndarray
    sizes: np.ndarray


@njit(cache=True, nogil=True)
def sweep_objects(levels, memory, tables, limit):
    """See ``box_sweep.sweep_objects``."""
    objects = Components(*memory)
    sizes = objects.sizes
    ends = _sort_bright_first(objects)[levels]
    largest = np.zeros((len(levels), 4), np.int64)
    undecided = np.zeros(len(levels), np.bool_)
    holes = np.zeros(len(levels), np.int64)
    rows = np.zeros((512, 5), np.int64)
    count, done = 0, 0
    for i in range(len(levels) - 1, -1, -1):
        _add_pixels(memory, tables, done, ends[i])
        done = ends[i]
        _forget_merged(objects)
        undecided[i] = _put_largest(objects, largest[i])
        holes[i] = _count_holes(objects)
        if count <= limit:
            rows = _put_rows(rows, count, i, objects, 0)
            count += sizes[1]
    if count > limit:
        rows = np.zeros((0, 5), np.int64)
    return largest, undecided, rows[:count], holes, count <= limit


@njit(cache=True, nogil=True)
def sweep_holes(levels, memory, tables, holes):
    """See ``box_sweep.sweep_holes``; the map is the complement, framed."""
    rest = Components(*memory)
    above = _sort_bright_first(rest)
    rows = np.zeros((512, 5), np.int64)
    count, done = 0, 0
    for i in np.flatnonzero(holes):
        end = above[254 - levels[i]]  # of 255 - grey
        _add_pixels(memory, tables, done, end)
        done = end
        _forget_merged(rest)
        rows = _put_rows(rows, count, i, rest, 1)
        count += rest.sizes[1] - 1
    return rows[:count]


@njit(cache=True, nogil=True)
def _put_largest(objects, box):
    """Write the box of the largest component; is it undecided."""
    alive, count = objects.alive, objects.sizes[1]
    boxes, sums = objects.boxes, objects.sums
    if count == 0:
        return False
    best, bound = alive[0], -1
    for i in range(1, count):
        other = alive[i]
        if sums[other] & _AREA > sums[best] & _AREA:
            best, other = other, best
        bound = max(bound, _largest_area(boxes[other], sums[other]))
    _put_box(boxes[best], 0, box)
    return bound >= sums[best] & _AREA


@njit(cache=True, nogil=True)
def _largest_area(box, total):
    """The most that the contour can enclose, doubled; exact without holes."""
    if total >> AREA_BITS == 4:
        return total & _AREA
    return 2 * (box[X1] - box[X0]) * (box[Y1] - box[Y0])


@njit(cache=True, nogil=True)
def _count_holes(objects):
    """Holes of all components: one minus the Euler number of each."""
    alive, sums, holes = objects.alive, objects.sums, 0
    for i in range(objects.sizes[1]):
        holes += 1 - (sums[alive[i]] >> AREA_BITS) // 4
    return holes


@njit(cache=True, nogil=True)
def _put_rows(rows, count, i, components, margin):
    """Write the boxes of all components, in a larger array if need be.

    Contours of holes run around them (margin 1); the component made first,
    of the frame, is no hole.
    """
    alive = components.alive[margin : components.sizes[1]]
    while count + len(alive) > len(rows):
        rows = np.concatenate((rows, np.zeros_like(rows)))
    for j in range(len(alive)):
        rows[count + j, 0] = i
        _put_box(components.boxes[alive[j]], margin, rows[count + j, 1:])
    return rows


@njit(cache=True, nogil=True)
def _put_box(inside, margin, box):
    """Box in the map without frames, x1 and y1 outside."""
    box[0] = inside[X0] - FRAMES - margin
    box[1] = inside[Y0] - FRAMES - margin
    box[2] = inside[X1] - FRAMES + 1 + margin
    box[3] = inside[Y1] - FRAMES + 1 + margin


@njit(cache=True, nogil=True)
def _sort_bright_first(components):
    """Empty the map, fill in masks and order; pixels above each level."""
    framed, masks, order = (
        components.framed,
        components.masks,
        components.order,
    )
    components.sizes[:] = 0
    height, width = framed.shape
    counts = np.zeros(256, np.int64)
    for y in range(1, height - 1):
        _put_masks(framed[y - 1], framed[y], framed[y + 1], masks[y - 1])
        for x in range(1, width - 1):
            counts[framed[y, x]] += 1
    above = counts[::-1].cumsum()[::-1] - counts
    ends = above.astype(np.uint64)
    for y in range(1, height - 1):
        place = (y - 1) * width
        for x in range(1, width - 1):
            grey = framed[y, x]
            order[ends[grey]] = place
            ends[grey] += _ONE
            place += 1
    return above


@njit(cache=True, nogil=True)
def _put_masks(upper, middle, lower, masks):
    """Neighbours filled before each pixel of a row, as bits.

    Brighter ones, and of equal ones those above and to the left.
    """
    for x in range(len(middle) - 2):
        grey = middle[x + 1]
        masks[x] = (
            np.uint8(upper[x + 1] >= grey)
            | np.uint8(upper[x + 2] >= grey) << 1
            | np.uint8(middle[x + 2] > grey) << 2
            | np.uint8(lower[x + 2] > grey) << 3
            | np.uint8(lower[x + 1] > grey) << 4
            | np.uint8(lower[x] > grey) << 5
            | np.uint8(middle[x] >= grey) << 6
            | np.uint8(upper[x] >= grey) << 7
        )


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


# What runs for every pixel takes arrays, not their tuple or rows of them:
# numba counts references to those.


@njit(cache=True, nogil=True)
def _add_pixels(memory, tables, start, stop):
    """Fill pixels from one place in the order to another."""
    row, _, masks, order, labels, parents, boxes, sums, alive, sizes = memory
    groups, kinds, gains = tables
    masks = masks.reshape(-1)
    for i in range(start, stop):
        place = np.uint64(order[i])
        mask = np.uint64(masks[place])
        kind = kinds[mask]
        if kind == ONE_GROUP:  # most of them
            root = _find(parents, labels[place + groups[mask, _ZERO]])
        elif kind == GROWS:  # no group
            root = _new_component(parents, boxes, sums, alive, sizes)
        else:
            root = _find(parents, labels[place + groups[mask, _ZERO]])
            for j in range(1, kind % GROWS):
                label = labels[place + groups[mask, np.uint64(j)]]
                root = _join(parents, boxes, sums, root, label)
        labels[place + row + _ONE] = root
        sums[root] += gains[mask]
        if kind >= GROWS:
            _grow_box(boxes, root, np.uint32(place), np.uint32(row))


@njit(cache=True, nogil=True)
def _new_component(parents, boxes, sums, alive, sizes):
    """Number of a new component, alive, without pixels."""
    sizes[0] += 1
    root = sizes[0]
    parents[root] = root
    boxes[root, X0] = boxes[root, Y0] = 2**30
    boxes[root, X1] = boxes[root, Y1] = 0
    sums[root] = 0
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
def _join(parents, boxes, sums, root, label):
    """Unite a root with a label's component; the older root stays."""
    other = _find(parents, label)
    if root == other:
        return root
    new, old = max(root, other), min(root, other)
    parents[new] = old
    for i in (X0, Y0):
        boxes[old, i] = min(boxes[old, i], boxes[new, i])
    for i in (X1, Y1):
        boxes[old, i] = max(boxes[old, i], boxes[new, i])
    sums[old] += sums[new]
    return old


@njit(cache=True, nogil=True)
def _grow_box(boxes, root, place, row):
    """Extend a component's box by a pixel."""
    y = np.int32(place // row) + 1
    x = np.int32(place % row) + 1
    boxes[root, X0] = min(boxes[root, X0], x)
    boxes[root, Y0] = min(boxes[root, Y0], y)
    boxes[root, X1] = max(boxes[root, X1], x)
    boxes[root, Y1] = max(boxes[root, Y1], y)
