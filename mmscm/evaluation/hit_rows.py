"""Hits of one image at all thresholds, in few bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_CHUNK = 1024  # images unpacked at a time


def pack_hits(hits: np.ndarray) -> np.ndarray:
    """Booleans of any shape as bits, uint8, shape (bytes,)."""
    return np.packbits(hits)


def hit_rates(
    rows: Sequence[np.ndarray], shape: tuple[int, ...]
) -> np.ndarray:
    """Share of the images with a hit, in percent.

    Args:
        rows (Sequence[np.ndarray]): What `pack_hits` made of each image.
        shape (tuple[int, ...]): Shape of the hits of one image.

    Returns:
        np.ndarray: Percent, float64, shape ``shape``.
    """
    if not len(rows):
        raise ValueError('Expected at least one scored image, but got none.')
    count = np.prod(shape, dtype=int)
    total = np.zeros(count)
    for start in range(0, len(rows), _CHUNK):
        packed = np.stack(rows[start : start + _CHUNK])
        total += np.unpackbits(packed, axis=1, count=count).sum(0)
    return (total / len(rows) * 100).reshape(shape)
