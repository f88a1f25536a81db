"""Predicted classes of images, from a text file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mmscm.datasets.annotations import (
    check_same_ids,
    parse_number,
    read_table,
    split_fields,
)


def read_predictions(path: str | Path) -> dict[str, tuple[int, ...]]:
    """Lines ``id,label`` or ``id,label1,...,label5``, the best class first.

    The first line decides how many labels there are; it may be a heading
    (``id,...``).

    Returns:
        dict[str, tuple[int, ...]]: Labels of each id.
    """
    count = None

    def parse(text: str) -> tuple[str, tuple[int, ...]]:
        nonlocal count
        if count is None and text.lower().startswith('id,'):
            return text, ()
        if count is None:
            count = max(text.count(','), 1)
        form = 'id,' + ','.join(['label'] * count)
        key, *texts = split_fields(text, form)
        return key, tuple(parse_number(int, t, 'whole labels') for t in texts)

    predictions = read_table(path, parse)
    return {key: labels for key, labels in predictions.items() if labels}


def ranks_of_labels(
    path: str | Path,
    labels: Mapping[str, int],
) -> tuple[dict[str, int | None], tuple[int, ...]]:
    """Place of the label of each image among its predicted classes.

    Args:
        path (str | Path): See :func:`read_predictions`; it has to have the
            ids of the split, neither less nor more.
        labels (Mapping[str, int]): Label of each id.

    Returns:
        tuple[dict[str, int | None], tuple[int, ...]]: Place from 0 by id,
        None where the label was not predicted; and the values of k that
        can be scored, (1,) or (1, 5).
    """
    predictions = read_predictions(path)
    check_same_ids(path, labels, predictions)
    ranks = {
        key: found.index(labels[key]) if labels[key] in found else None
        for key, found in predictions.items()
    }
    five = min(map(len, predictions.values())) >= 5
    return ranks, (1, 5) if five else (1,)
