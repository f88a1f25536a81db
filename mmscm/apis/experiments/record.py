"""What a finished run of a plan leaves for the tables."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from mmengine.device import get_device

from mmscm.apis.experiments.plan import Experiment
from mmscm.apis.results.epoch_curves import epoch_curves

FILE_NAME = 'result.json'
PREFIX = 'scm/'  # of lambda and beta in the log


@dataclass
class RunRecord:
    """Settings, cost and curves of one finished training.

    Attributes:
        name (str): Name in the plan.
        command (list[str]): Arguments of ``tools/train.py``.
        options (dict): Dotted config keys to values.
        seconds (float): Wall time of the last, completing process.
        cpu_seconds (float): Processor time of it and its workers.
        machine (str): Processor, threads and torch version.
        commit (str): Of the code at the beginning of that process.
        val (dict): Metric to epoch to value.
        learned (dict): lambda and beta of each block, one value an epoch.
    """

    name: str
    command: list[str]
    options: dict[str, Any]
    seconds: float
    cpu_seconds: float
    machine: str
    commit: str
    val: dict[str, dict[str, float]]
    learned: dict[str, list[float]]

    @property
    def epochs(self) -> int:
        """Number of validated epochs."""
        return max((len(curve) for curve in self.val.values()), default=0)

    @classmethod
    def of(
        cls,
        experiment: Experiment,
        commit: str,
        before: os.times_result,
        after: os.times_result,
    ) -> RunRecord:
        """The record of a training that has just ended."""
        used = [
            getattr(after, part) - getattr(before, part)
            for part in ('children_user', 'children_system')
        ]
        return cls(
            name=experiment.name,
            command=experiment.command(),
            options=experiment.options,
            seconds=after.elapsed - before.elapsed,
            cpu_seconds=sum(used),
            machine=_machine(),
            commit=commit,
            val={
                key: {str(epoch): value for epoch, value in curve.items()}
                for key, curve in epoch_curves(experiment.work_dir).items()
            },
            learned=_learned(experiment.work_dir),
        )

    @classmethod
    def read(cls, work_dir: Path) -> RunRecord | None:
        """The record of a finished run, None for one that is not."""
        path = work_dir / FILE_NAME
        return cls(**json.loads(path.read_text())) if path.is_file() else None

    def write(self, work_dir: Path) -> None:
        """Write ``result.json``."""
        text = json.dumps(asdict(self), indent=1)
        (work_dir / FILE_NAME).write_text(text + '\n')

    def check(self, experiment: Experiment) -> None:
        """Refuse a finished run of the same name with other settings."""
        if self.command != experiment.command():
            raise ValueError(
                f'Expected {experiment.work_dir} to be the run '
                f'{" ".join(experiment.command())}, but it was '
                f'{" ".join(self.command)}. Rename the run of the plan, or '
                'remove the folder.'
            )


def _learned(work_dir: Path) -> dict[str, list[float]]:
    """lambda and beta at the end of every epoch."""
    try:
        records = training_records(work_dir)
    except FileNotFoundError:  # no SCM
        return {}
    by_epoch = {row['epoch']: row for row in records}
    rows = [by_epoch[epoch] for epoch in sorted(by_epoch)]
    keys = [key for key in rows[-1] if key.startswith(PREFIX)]
    return {key.removeprefix(PREFIX): [r[key] for r in rows] for key in keys}


def _machine() -> str:
    threads = os.environ.get('OMP_NUM_THREADS', 'all')
    return (
        f'{get_device()}, {os.cpu_count()} cores, OMP_NUM_THREADS={threads}, '
        f'torch {torch.__version__}'
    )


def training_records(work_dir: str | Path) -> list[dict]:
    """Logged training steps with the scalars of SCM, in order.

    Runs that were resumed are joined; where steps overlap, the later run
    counts.

    Args:
        work_dir (str | Path): Has ``<time>/vis_data/scalars.json``.
    """
    steps = {}
    for path in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            if 'scm/lambda_0' in row:
                steps[row['step']] = row
    if not steps:
        raise FileNotFoundError(
            'Expected logs of a training with SCM in '
            f'{work_dir}/*/vis_data/scalars.json, but got none.'
        )
    return [steps[step] for step in sorted(steps)]
