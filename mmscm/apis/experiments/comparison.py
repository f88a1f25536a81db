"""Two methods on the same images: differences, by size of the object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mmscm.apis.experiments.tables import markdown, spread
from mmscm.apis.results.image_records import ImageRecord
from mmscm.apis.results.runs import Run
from mmscm.evaluation.bootstrap import paired_bootstrap
from mmscm.evaluation.centre_box import best_centre_box
from mmscm.evaluation.error_split import ERRORS
from mmscm.evaluation.protocols import WSOLEVAL

HITS: dict[str, Callable[[ImageRecord], bool]] = {
    'Top-1 Cls': lambda image: image.label == image.top5[0],
    'Top-1 Loc': lambda image: (
        image.label == image.top5[0] and image.iou >= 0.5
    ),
    'GT-Known': lambda image: image.iou >= 0.5,
}


def hits(runs: Sequence[Run], column: str) -> np.ndarray:
    """Which images are right, shape (runs, N), booleans.

    Args:
        runs (Sequence[Run]): Trainings of one method, tested on one split.
        column (str): A key of ``HITS``.
    """
    names = [[image.name for image in run.images.images] for run in runs]
    if any(other != names[0] for other in names):
        raise ValueError(
            'Expected runs that were tested on the same images, but got '
            f'different ones in {[run.name for run in runs]}.'
        )
    hit = HITS[column]
    return np.array([[hit(i) for i in run.images.images] for run in runs])


def difference_table(first: Sequence[Run], second: Sequence[Run]) -> str:
    """Second - first with 95 % intervals of the paired bootstrap.

    Args:
        first (Sequence[Run]): Seeds of one method.
        second (Sequence[Run]): Seeds of the other.

    Returns:
        str: One row a value, percent points.
    """
    hits([*first, *second], 'GT-Known')  # the same images
    rows = []
    for column in HITS:
        change = paired_bootstrap(hits(first, column), hits(second, column))
        interval = f'[{change.low:+.1f}, {change.high:+.1f}]'
        rows.append([column, f'{change.mean:+.1f}', interval])
    return markdown(['value', 'difference', '95 % over images'], rows)


def size_table(groups: Mapping[str, Sequence[Run]]) -> str:
    """GT-Known by the share of the image that the object covers.

    Args:
        groups (Mapping[str, Sequence[Run]]): Seeds of every method.

    Returns:
        str: One row a size group; the null row is the best centred square
        of that group alone.
    """
    images = next(iter(groups.values()))[0].images.images
    sizes = np.array([image.size_group for image in images])
    rights = {name: hits(runs, 'GT-Known') for name, runs in groups.items()}
    rows = []
    for size in [*np.unique(sizes), 'all']:
        chosen = (sizes == size) | (size == 'all')
        members = [
            i for i, inside in zip(images, chosen, strict=True) if inside
        ]
        cells = [
            spread((100 * right[:, chosen].mean(1)).tolist())
            for right in rights.values()
        ]
        rows.append([size, str(len(members)), null_row(members), *cells])
    header = ['object covers', 'images', 'best centre box', *groups]
    return markdown(header, rows)


def class_table(groups: Mapping[str, Sequence[Run]]) -> str:
    """GT-Known by class.

    Args:
        groups (Mapping[str, Sequence[Run]]): Seeds of every method.

    Returns:
        str: One row a class.
    """
    record = next(iter(groups.values()))[0].images
    labels = np.array([image.label for image in record.images])
    rights = [hits(runs, 'GT-Known') for runs in groups.values()]
    rows = []
    for label in np.unique(labels):
        own = labels == label
        cells = [
            spread((100 * right[:, own].mean(1)).tolist()) for right in rights
        ]
        rows.append([record.class_name(label), str(own.sum()), *cells])
    return markdown(['class', 'images', *groups], rows)


def error_table(groups: Mapping[str, Sequence[Run]]) -> str:
    """Why Top-1 localization fails, percent of the images.

    Args:
        groups (Mapping[str, Sequence[Run]]): Seeds of every method.

    Returns:
        str: One row a method, see
        :func:`~mmscm.evaluation.error_split.top1_error`.
    """
    rows = []
    for name, runs in groups.items():
        errors = np.array([[i.error for i in r.images.images] for r in runs])
        cells = [
            spread((100 * (errors == error).mean(1)).tolist())
            for error in ERRORS
        ]
        rows.append([name, *cells])
    return markdown(['method', *ERRORS], rows)


def null_row(images: Sequence[ImageRecord]) -> str:
    """Score and side of the best centred square on these images."""
    (side,) = {edge for image in images for edge in image.size}
    boxes = [WSOLEVAL.true_boxes(i.true_boxes, i.size) for i in images]
    rate, best = best_centre_box(boxes, side)
    return f'{rate:.1f} ({best} px)'
