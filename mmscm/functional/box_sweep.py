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
from .box_quads import neighbourhood_gains, neighbourhood_groups


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
    memory = _components(*image.shape)
    return Objects(*box_kernels.sweep_objects(image, levels, memory, limit))


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
    memory = _components(*image.shape)
    return box_kernels.sweep_holes(image, levels, memory, holes)


_memory = threading.local()


def _components(height: int, width: int) -> tuple:
    """Arrays for maps (H, W), the same at every call of a thread.

    Fresh ones would cost more than the sweep: their pages would be mapped
    anew for every map.
    """
    if getattr(_memory, 'size', None) != (height, width):
        _memory.components = _allocate(height, width)
        _memory.size = height, width
    return _memory.components


def _allocate(height: int, width: int) -> tuple:
    row = width + 2
    ring = [1, 2, row + 2, 2 * row + 2, 2 * row + 1, 2 * row, row, 0]
    most = height * width // 2 + 3  # a checkerboard of 4-neighbours
    components = Components(
        row=np.uint64(row),
        groups=neighbourhood_groups(np.array(ring, np.uint64)),
        gains=neighbourhood_gains(),
        order=np.empty((height * width, 2), np.uint16),
        labels=np.empty((height + 2) * row, np.uint32),
        parents=np.empty(most, np.uint32),
        columns=np.empty((most, 6), np.int32),
        alive=np.empty(most, np.uint32),
        sizes=np.empty(2, np.uint32),
    )
    return tuple(components)
