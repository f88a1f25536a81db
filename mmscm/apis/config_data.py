"""The data sets of a config, in place of those that wrap others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config

SPLITS = ('train', 'val', 'test')


def datasets_of(
    cfg: Config, *splits: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The data sets of a config, in place of those that wrap others.

    Args:
        cfg (Config): Complete.
        *splits (str): Those to look at.

    Returns:
        Iterator[tuple[str, Mapping]]: Place in the config, and what is there.
    """
    for split in splits:
        loader = cfg.get(f'{split}_dataloader') or {}
        place = f'{split}_dataloader.dataset'
        yield from _leaves(place, loader.get('dataset'))


def _leaves(place: str, entry: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(entry, Mapping):
        return  # there is none, or it is built already
    parts = {
        f'{place}.datasets.{number}': part
        for number, part in enumerate(entry.get('datasets') or ())
    }
    if 'dataset' in entry:
        parts[f'{place}.dataset'] = entry['dataset']
    if not parts:
        yield place, entry
    for inner, part in parts.items():
        yield from _leaves(inner, part)
