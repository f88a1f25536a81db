"""The data sets that others wrap."""

from __future__ import annotations

from collections.abc import Iterator

from torch.utils.data import Dataset


def leaf_datasets(dataset: Dataset) -> Iterator[Dataset]:
    """What repeats, concatenations and the like are made of.

    Args:
        dataset (Dataset): One of mmengine's wrappers, or a plain data set.
    """
    parts = vars(dataset).get('datasets') or []
    if 'dataset' in vars(dataset):
        parts = [vars(dataset)['dataset']]
    if not parts:
        yield dataset
    for part in parts:
        yield from leaf_datasets(part)
