"""Results by group of images: by class, by size of the object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmscm.functional.boxes import box_areas

from .error_split import ERRORS

# Share of the image that the largest true box covers.
SIZE_EDGES = (0.05, 0.15, 0.3, 0.5, 0.75)


@dataclass(frozen=True)
class Group:
    """What the images of a group score.

    Attributes:
        name (str): Name of the group.
        images (int): How many there are.
        gt_known (float): Share with IoU of 0.5 or more, percent.
        mean_iou (float): Mean IoU of the box, in [0, 1].
        errors (dict[str, float]): Share of each of ``ERRORS``, percent.
    """

    name: str
    images: int
    gt_known: float
    mean_iou: float
    errors: dict[str, float]


def break_down(
    names: Sequence[str], ious: Sequence[float], errors: Sequence[str]
) -> list[Group]:
    """Split images into groups.

    Args:
        names (Sequence[str]): Group of each of N images.
        ious (Sequence[float]): IoU of the box of each.
        errors (Sequence[str]): One of ``ERRORS`` for each.

    Returns:
        list[Group]: In the order of the names.
    """
    names, errors = np.asarray(names), np.asarray(errors)
    ious = np.asarray(ious)
    return [
        _group(name, ious[names == name], errors[names == name])
        for name in np.unique(names).tolist()
    ]


def _group(name: str, ious: np.ndarray, errors: np.ndarray) -> Group:
    return Group(
        name=name,
        images=len(ious),
        gt_known=100 * float((ious >= 0.5).mean()),
        mean_iou=float(ious.mean()),
        errors={e: 100 * float((errors == e).mean()) for e in ERRORS},
    )


def size_name(true_boxes: np.ndarray, img_shape: tuple[int, int]) -> str:
    """Group of an image by the share that its largest object covers.

    Args:
        true_boxes (np.ndarray): True boxes xyxy in pixels, shape (M, 4).
        img_shape (tuple[int, int]): Height and width, pixels.

    Returns:
        str: ' 5 - 15 %' and the like; the names sort by size.
    """
    height, width = img_shape
    share = box_areas(true_boxes).max() / (height * width)
    edges = (0, *SIZE_EDGES, 1)
    index = int(np.searchsorted(SIZE_EDGES, share, side='right'))
    low, high = (round(100 * edge) for edge in edges[index : index + 2])
    return f'{low:2d} - {high} %'
