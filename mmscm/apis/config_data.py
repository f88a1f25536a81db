"""Files that the data sets of a config need, looked for before it runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from mmscm.datasets.needed_paths import NeededPath, needed_by_the_host
from mmscm.datasets.problems import MissingFileError

SPLITS = ('train', 'val', 'test')
# of the registry, not of the constructor
OF_THE_REGISTRY = ('type', '_scope_')


def check_data_paths(cfg: Config, *splits: str) -> None:
    """Refuse data sets whose files or folders are not there.

    Nothing is read, only looked for. Data sets of other packages are looked
    at as far as the host's ``BaseDataset`` says what their arguments mean,
    and not where they download or are no files of this machine.

    Args:
        cfg (Config): Complete.
        *splits (str): 'train', 'val' and 'test', those that will be read.

    Raises:
        MissingFileError: The first that is missing, and where the config
            asks for it.
    """
    for place, entry in datasets_of(cfg, *splits):
        for needed in needed_paths(cfg, entry):
            if not needed.is_there():
                message = (
                    f'Expected the {needed.kind} for `{place}.{needed.key}`, '
                    f'which is {needed.given!r}, but there is none. The '
                    'section on data of the README says where to get it.'
                )
                raise MissingFileError.at(needed.path.resolve(), message)


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


def needed_paths(
    cfg: Config, entry: Mapping[str, Any]
) -> Iterator[NeededPath]:
    """What a data set of a config needs on disk.

    Args:
        cfg (Config): Complete.
        entry (Mapping): Type and arguments of the data set.

    Returns:
        Iterator[NeededPath]: Empty where it is not known, also for want of
        arguments, of which the constructor speaks.
    """
    kind = _class_of(cfg, entry)
    arguments = {
        key: value
        for key, value in entry.items()
        if key not in OF_THE_REGISTRY and value is not None
    }
    if hasattr(kind, 'needed_paths'):
        if _takes(kind.needed_paths, arguments):
            yield from kind.needed_paths(**arguments)
    elif _is_of_local_files(kind, entry):
        yield from needed_by_the_host(**arguments)


def _class_of(cfg: Config, entry: Mapping[str, Any]) -> Any:
    """The class of a data set; None if there is none of that name."""
    if not isinstance(entry.get('type'), str):
        return entry.get('type')
    scope = cfg.get('default_scope') or 'mmengine'
    with DATASETS.switch_scope_and_registry(scope) as registry:
        return registry.get(entry['type'])


def _takes(function: Callable, arguments: Mapping[str, Any]) -> bool:
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError:
        return False
    return True


def _is_of_local_files(kind: Any, entry: Mapping[str, Any]) -> bool:
    if not (inspect.isclass(kind) and issubclass(kind, BaseDataset)):
        return False
    if 'download' in inspect.signature(kind).parameters:
        return entry.get('download') is False
    names = (entry.get('data_root'), entry.get('ann_file'))
    remote = any('://' in str(name) for name in names)
    return not (remote or entry.get('backend_args'))
