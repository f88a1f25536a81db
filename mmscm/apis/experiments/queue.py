"""Run a plan, one training after the other, each in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mmengine.utils import get_git_hash

from mmscm.apis.experiments.plan import Experiment
from mmscm.apis.experiments.record import RunRecord

LOG = 'output.log'


def run_all(
    experiments: Sequence[Experiment], train: Sequence[str]
) -> list[str]:
    """Run what is not finished; a failed run does not stop the others.

    Args:
        experiments (Sequence[Experiment]): In the order to run.
        train (Sequence[str]): Command of the training tool.

    Returns:
        list[str]: Names of the runs that failed or lack their start.
    """
    failed = []
    for number, experiment in enumerate(experiments, 1):
        state = _state(experiment)
        place = f'[{number}/{len(experiments)}] {experiment.name}'
        print(f'{place}: {state or "training"}', flush=True)
        if state is None and not _train(experiment, train):
            print(f'{place}: failed, see {_log(experiment)}', flush=True)
            failed.append(experiment.name)
        elif state is not None and state != 'finished':
            failed.append(experiment.name)
    return failed


def _state(experiment: Experiment) -> str | None:
    """None where there is something to train."""
    record = RunRecord.read(experiment.work_dir)
    if record is not None:
        record.check(experiment)
        return 'finished'
    if experiment.start and not experiment.start.is_file():
        return f'left out, {experiment.start} is missing'
    return None


def _train(experiment: Experiment, train: Sequence[str]) -> bool:
    experiment.work_dir.mkdir(parents=True, exist_ok=True)
    command = [*train, *experiment.command()]
    commit = get_git_hash(digits=7)  # others may commit while it trains
    before = os.times()
    with _log(experiment).open('a') as log:
        done = subprocess.run(command, stdout=log, stderr=log, check=False)
    if done.returncode == 0:
        record = RunRecord.of(experiment, commit, before, os.times())
        record.write(experiment.work_dir)
    return done.returncode == 0


def _log(experiment: Experiment) -> Path:
    return experiment.work_dir / LOG


def training_tool() -> list[str]:
    """``tools/train.py`` of this interpreter."""
    return [sys.executable, '-m', 'mmscm', 'train']
