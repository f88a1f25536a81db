"""Boxes of all grey levels of a map in one sweep over its pixels.

Pixels are added from bright to dark, which gives every object of every level
once. Holes are the components of the rest, added from dark to bright, that
are not part of the outside.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np

from . import box_kernels
from .box_kernels import Components
from .box_quads import eight_neighbours, four_neighbours


class Objects(NamedTuple):
    """The objects of a map at L grey levels; boxes have x1 and y1 outside.

    Attributes:
        largest (np.ndarray): Box xyxy of the contour of largest polygon
            area, shape (L, 4), zeros if no pixel is above the level.
        undecided (np.ndarray): Whether the areas known here do not decide
            which it is, shape (L,): two are equal, or an object with holes
            could be larger.
        rows (np.ndarray): Level's index and box of all objects, (R, 5);
            without any if not `complete`.
        holes (np.ndarray): Number of holes at each level, shape (L,).
        complete (bool): There were not more rows than the limit.
    """

    largest: np.ndarray
    undecided: np.ndarray
    rows: np.ndarray
    holes: np.ndarray
    complete: bool


def sweep_objects(
    image: np.ndarray, levels: np.ndarray, limit: int = 2**62
) -> Objects:
    """Objects (8-neighbours) of all levels, from bright to dark.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        levels (np.ndarray): Grey levels, int64, ascending, shape (L,).
        limit (int): Give up `rows` when there are more.

    Returns:
        Objects: What is above each level.
    """
    memory, tables, _, framed = _memory_for(*image.shape)
    framed[1:-1, 1:-1] = 0
    framed[2:-2, 2:-2] = image
    found = box_kernels.sweep_objects(levels, memory, tables, limit)
    return Objects(*found)


def sweep_holes(
    image: np.ndarray, levels: np.ndarray, holes: np.ndarray
) -> np.ndarray:
    """Boxes of the contours around holes, from dark to bright.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        levels (np.ndarray): Grey levels, int64, ascending, shape (L,).
        holes (np.ndarray): Number of holes at each level, shape (L,).

    Returns:
        np.ndarray: Level's index and box with x1 and y1 outside of all
        holes, int64, shape (R, 5); a hole's contour runs around it.
    """
    if not holes.any():
        return np.zeros((0, 5), np.int64)
    memory, _, tables, framed = _memory_for(*image.shape)
    framed[1:-1, 1:-1] = 255
    framed[2:-2, 2:-2] = 255 - image
    return box_kernels.sweep_holes(levels, memory, tables, holes)


class Memory(NamedTuple):
    """Arrays of the sweeps, and where the map goes in them.

    Attributes:
        components (tuple): See `box_kernels.Components`.
        eight (tuple): See `box_quads.Neighbourhoods`, for objects.
        four (tuple): The same for their complement.
        framed (np.ndarray): The map with two frames, (H + 4, W + 4).
    """

    components: tuple
    eight: tuple
    four: tuple
    framed: np.ndarray


_memory = threading.local()


def _memory_for(height: int, width: int) -> Memory:
    """Arrays for maps (H, W), the same at every call of a thread.

    Fresh ones would cost more than the sweep: their pages would be mapped
    anew for every map.
    """
    if getattr(_memory, 'size', None) != (height, width):
        _memory.arrays = _allocate(height, width)
        _memory.size = height, width
    return _memory.arrays


def _allocate(height: int, width: int) -> Memory:
    row = width + 4
    ring = [1, 2, row + 2, 2 * row + 2, 2 * row + 1, 2 * row, row, 0]
    offsets = np.array(ring, np.uint64)
    inner = (height + 2) * (width + 2)
    most = inner // 2 + 3  # a checkerboard of 4-neighbours
    components = Components(
        row=np.uint64(row),
        framed=np.zeros((height + 4, row), np.uint8),
        masks=np.empty((height + 2, row), np.uint8),
        order=np.empty(inner, np.uint32),
        labels=np.empty((height + 4) * row, np.uint32),
        parents=np.empty(most, np.uint32),
        boxes=np.empty((most, 4), np.int32),
        sums=np.empty(most, np.int64),
        alive=np.empty(most, np.uint32),
        sizes=np.empty(2, np.uint32),
    )
    return Memory(
        tuple(components),
        tuple(eight_neighbours(offsets)),
        tuple(four_neighbours(offsets)),
        components.framed,
    )
