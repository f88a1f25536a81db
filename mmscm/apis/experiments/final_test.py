"""Test the finished runs of a plan, once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmscm.apis.experiments.plan import Experiment, option_words
from mmscm.apis.experiments.record import RunRecord
from mmscm.apis.results.test_record import FILE_NAME

TEST_FOLDER = 'test'
MMSCM = (sys.executable, '-m', 'mmscm')


@dataclass(frozen=True)
class FinalTest:
    """Which weights of a run are tested, and how.

    Args:
        folder (str): Of the results, in the work directory of the run.
        last (bool): The last epoch in place of the one that val chose.
        options (dict): Dotted config keys to values, after those of the run.
    """

    folder: str = TEST_FOLDER
    last: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def commands(self, run: Experiment, epochs: int) -> list[list[str]]:
        """Arguments of the tools, in the order to run them.

        The best checkpoint has its thresholds from the training. Those of
        other weights, or of a changed config, are chosen on val first, in a
        copy of the checkpoint.

        Args:
            run (Experiment): A finished run.
            epochs (int): How long it was trained.
        """
        folder = run.work_dir / self.folder
        work_dir = '--work-dir', str(folder)
        words = option_words(run.options | self.options)
        if not (self.last or self.options):
            checkpoint = best_checkpoint(run.work_dir)
            return [['test', run.config, str(checkpoint), *work_dir, *words]]
        last = run.work_dir / f'epoch_{epochs}.pth'
        checkpoint = last if self.last else best_checkpoint(run.work_dir)
        copy = str(folder / checkpoint.name)
        choose = ['calibrate', run.config, str(checkpoint), '--out', copy]
        return [
            [*choose, '--work-dir', str(folder / 'val'), *words],
            ['test', run.config, copy, *work_dir, *words],
        ]


def best_checkpoint(work_dir: Path) -> Path:
    """The checkpoint that val chose, with its thresholds."""
    found = sorted(work_dir.glob('best_*.pth'))
    if len(found) != 1:
        raise FileNotFoundError(
            f'Expected one best_*.pth in {work_dir}, but got {found}.'
        )
    return found[0]


def score_all(
    experiments: Sequence[Experiment],
    how: FinalTest | None = None,
    tools: Sequence[str] = MMSCM,
) -> list[str]:
    """Test every finished run that was not tested in this way.

    Args:
        experiments (Sequence[Experiment]): Of a plan.
        how (FinalTest, optional): By default the best checkpoint.
        tools (Sequence[str]): Command that takes a tool's name.

    Returns:
        list[str]: Names of the runs that could not be tested.
    """
    how = how or FinalTest()
    failed = []
    for experiment in experiments:
        folder = experiment.work_dir / how.folder
        record = RunRecord.read(experiment.work_dir)
        if record is None:
            failed.append(experiment.name)
        elif not (folder / FILE_NAME).is_file():
            for command in how.commands(experiment, record.epochs):
                done = subprocess.run([*tools, *command], check=False)
                if done.returncode:
                    failed.append(experiment.name)
                    break
    return failed
