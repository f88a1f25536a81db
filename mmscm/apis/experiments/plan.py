"""A series of trainings as a config file."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config

KEYS = {'work_dir', 'train', 'common', 'runs'}
RUN_KEYS = {'name', 'config', 'start', 'options'}


@dataclass(frozen=True)
class Experiment:
    """One training of a plan.

    Attributes:
        name (str): Names the folder; unique in the plan.
        config (str): Config file.
        work_dir (Path): Where it writes.
        start (Path | None): Checkpoint that it starts from, often that of
            an earlier run of the plan.
        train (list[str]): Further arguments of ``tools/train.py``.
        options (dict): Dotted config keys to values.
    """

    name: str
    config: str
    work_dir: Path
    start: Path | None = None
    train: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def command(self) -> list[str]:
        """Arguments of ``tools/train.py``; it resumes what was begun."""
        options = dict(self.options)
        if self.start:
            options['load_from'] = str(self.start)
        return [
            self.config,
            *('--work-dir', str(self.work_dir), '--resume', 'auto'),
            *self.train,
            *option_words(options),
        ]


def option_words(options: Mapping[str, Any]) -> list[str]:
    """``--cfg-options`` of dotted config keys; empty without any."""
    words = [f'{key}={_word(value)}' for key, value in options.items()]
    return ['--cfg-options', *words] if words else []


def read_plan(path: str | Path) -> list[Experiment]:
    """Read a plan.

    Args:
        path (str | Path): A config file with ``runs``, a list of
            ``dict(name, config, start, options)``, and for all of them
            ``work_dir`` (a folder), ``train`` (arguments) and ``common``
            (options). ``start`` is relative to ``work_dir``.

    Returns:
        list[Experiment]: In the order of the file.
    """
    plan = Config.fromfile(path).to_dict()
    _only_known(plan, KEYS, str(path))
    folder = Path(plan['work_dir'])
    runs = [_experiment(run, plan, folder, path) for run in plan['runs']]
    names = [run.name for run in runs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f'Expected a name of its own for every run of {path}, but got '
            f'{twice} more than once.'
        )
    return runs


def add_plan_arguments(parser: ArgumentParser) -> None:
    """The arguments ``plan`` and ``--only`` of the tools for plans."""
    parser.add_argument('plan', help='as tools/experiments/imagenette_plan.py')
    parser.add_argument(
        '--only',
        default='',
        metavar='PATTERN',
        help='only runs whose name has this regular expression',
    )


def chosen_runs(path: str | Path, only: str) -> list[Experiment]:
    """The runs of a plan whose name has a regular expression.

    Args:
        path (str | Path): See :func:`read_plan`.
        only (str): The expression; empty for all.

    Returns:
        list[Experiment]: One or more, in the order of the file.
    """
    runs = [run for run in read_plan(path) if re.search(only, run.name)]
    if not runs:
        raise ValueError(
            f'Expected `--only` to name a run of {path}, but got {only!r}.'
        )
    return runs


def _experiment(
    run: dict[str, Any], plan: dict[str, Any], folder: Path, path: str | Path
) -> Experiment:
    _only_known(run, RUN_KEYS, f'{path}, run {run.get("name")}')
    return Experiment(
        name=run['name'],
        config=run['config'],
        work_dir=folder / run['name'],
        start=folder / run['start'] if run.get('start') else None,
        train=plan.get('train', []),
        options={**plan.get('common', {}), **run.get('options', {})},
    )


def _only_known(given: dict, known: set[str], place: str) -> None:
    # helpers of a plan begin with an underscore
    unknown = sorted(k for k in set(given) - known if k[0] != '_')
    if unknown:
        raise ValueError(
            f'Expected keys of {sorted(known)} in {place}, but got {unknown}.'
        )


def _word(value: Any) -> str:
    return repr(value).replace(' ', '') if value is not None else 'None'
