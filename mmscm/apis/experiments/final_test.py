"""Test the finished runs of a plan, once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mmscm.apis.experiments.plan import Experiment
from mmscm.apis.experiments.record import RunRecord
from mmscm.apis.results.test_record import FILE_NAME

TEST_FOLDER = 'test'


def best_checkpoint(work_dir: Path) -> Path:
    """The checkpoint that val chose, with its thresholds."""
    found = sorted(work_dir.glob('best_*.pth'))
    if len(found) != 1:
        raise FileNotFoundError(
            f'Expected one best_*.pth in {work_dir}, but got {found}.'
        )
    return found[0]


def score_all(
    experiments: Sequence[Experiment], tool: Sequence[str] | None = None
) -> list[str]:
    """Test the best checkpoint of every finished run that was not tested.

    Args:
        experiments (Sequence[Experiment]): Of a plan.
        tool (Sequence[str], optional): Command of the testing tool.

    Returns:
        list[str]: Names of the runs that could not be tested.
    """
    tool = tool or [sys.executable, '-m', 'mmscm', 'test']
    failed = []
    for experiment in experiments:
        folder = experiment.work_dir / TEST_FOLDER
        if RunRecord.read(experiment.work_dir) is None:
            failed.append(experiment.name)
        elif not (folder / FILE_NAME).is_file():
            checkpoint = best_checkpoint(experiment.work_dir)
            words = [experiment.config, str(checkpoint)]
            done = subprocess.run(
                [*tool, *words, '--work-dir', str(folder)], check=False
            )
            if done.returncode:
                failed.append(experiment.name)
    return failed
