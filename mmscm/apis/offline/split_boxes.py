"""Boxes of a metadata split on the grid that protocols score."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmscm.datasets.annotations import (
    check_same_ids,
    read_boxes,
    read_ids,
    read_sizes,
)
from mmscm.evaluation.protocols import Protocol


def read_split_boxes(
    folder: str | Path, size: int, protocol: Protocol | None = None
) -> dict[str, np.ndarray]:
    """Boxes of every image, scaled as the network input is.

    Args:
        folder (str | Path): Has ``image_ids.txt``, ``image_sizes.txt`` and
            ``localization.txt``; see
            :class:`~mmscm.datasets.WSOLMetadata`.
        size (int): Side of the square network input, pixels.
        protocol (Protocol, optional): How boxes are truncated and clipped;
            without it they are floating point.

    Returns:
        dict[str, np.ndarray]: Boxes xyxy in pixels, shape (M, 4), by id, in
        the order of ``image_ids.txt``.
    """
    folder = Path(folder)
    ids = read_ids(folder / 'image_ids.txt')
    boxes = read_boxes(folder / 'localization.txt')
    sizes = read_sizes(folder / 'image_sizes.txt')
    check_same_ids(folder / 'localization.txt', ids, boxes)
    check_same_ids(folder / 'image_sizes.txt', ids, sizes)
    scaled = {}
    for key in ids:
        original = np.array(sizes[key][::-1] * 2)  # width, height, twice
        resized = boxes[key].astype(np.float64) * size / original
        scaled[key] = resized
        if protocol is not None:
            scaled[key] = protocol.true_boxes(resized, (size, size))
    return scaled
