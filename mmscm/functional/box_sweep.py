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
from .box_quads import neighbourhood_gains, neighbourhood_groups


def largest_boxes(
    image: np.ndarray, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Box of the contour of largest polygon area, at each level.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        levels (np.ndarray): Grey levels, int64, ascending, shape (L,).

    Returns:
        tuple[np.ndarray, np.ndarray]: Boxes xyxy with x1 and y1 outside,
        shape (L, 4), zeros if no pixel is above the level; and whether the
        areas known here do not decide, shape (L,): two are equal, or a
        component with holes could be larger than the best.
    """
    return box_kernels.largest_boxes(image, levels, _components(*image.shape))


def all_boxes(image: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Boxes of all contours at each level, around objects and holes.

    Args:
        image (np.ndarray): Grey map, uint8, shape (H, W).
        levels (np.ndarray): Grey levels, int64, ascending, shape (L,).

    Returns:
        np.ndarray: Rows of a level's index and a box xyxy with x1 and y1
        outside, int64, shape (R, 5), levels in no particular order; one of
        zeros for a level that no pixel is above.
    """
    return box_kernels.all_boxes(image, levels, _components(*image.shape))


class Components(NamedTuple):
    """Components of a map that is filled pixel by pixel.

    The map has a frame of one pixel, and the place of a pixel is that of
    its upper left neighbour: every neighbour is at a positive offset.

    Attributes:
        row (np.uint64): Width of the framed map.
        groups (np.ndarray): See `neighbourhood_groups`.
        gains (np.ndarray): See `neighbourhood_gains`.
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


_memory = threading.local()


def _components(height: int, width: int) -> Components:
    """Arrays for maps (H, W), the same at every call of a thread.

    Fresh ones would cost more than the sweep: their pages would be mapped
    anew for every map.
    """
    if getattr(_memory, 'size', None) != (height, width):
        _memory.components = _allocate(height, width)
        _memory.size = height, width
    return _memory.components


def _allocate(height: int, width: int) -> Components:
    row = width + 2
    ring = [1, 2, row + 2, 2 * row + 2, 2 * row + 1, 2 * row, row, 0]
    most = height * width // 2 + 3  # a checkerboard of 4-neighbours
    return Components(
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
