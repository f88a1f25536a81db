"""Checkpoints that a killed process or a full disk cannot spoil."""

from __future__ import annotations

import os
import os.path as osp
from collections.abc import Sequence
from pathlib import Path

from mmengine import hooks
from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend
from mmengine.runner import EpochBasedTrainLoop, Runner

from mmscm.engine.atomic_files import remove_unfinished
from mmscm.engine.exact_resume import warn_if_inexact
from mmscm.registry import HOOKS

# kept in the message hub; the host logs names that begin with "val"
VALIDATED = 'last_validated_epoch'
SUPERSEDED = 'superseded'  # key of a checkpoint: files to remove after it


@HOOKS.register_module()
class CheckpointHook(hooks.CheckpointHook):
    """The host's CheckpointHook for trainings that may be interrupted.

    - A file is written beside its place and moved there when it is whole.
    - A checkpoint is removed after the one that follows it is written; the
      host does it before. Files of other runs are not removed.
    - A resumed training first makes up for the validation that its
      checkpoint lacks, and so finds the best checkpoint and its thresholds.

    Other places than local folders are left to the host.
    """

    removal: LateRemoval | None = None
    superseded: Sequence[str] = ()  # names in the checkpoint resumed from

    def before_train(self, runner: Runner) -> None:
        """Clean up after a killed process and validate where it could not.

        Args:
            runner (Runner): The runner that trains, resumed or not.
        """
        super().before_train(runner)
        if type(self.file_backend) is LocalBackend:
            self.backend_args = dict(backend='mmscm_local')
            self.file_backend = self.removal = LateRemoval(self.out_dir)
            if is_main_process():
                self._clean_up(runner)
        if runner.iter > 0:
            # None keeps the host from adding a best score to the last one
            self.last_ckpt = runner.message_hub.get_info('last_ckpt')
            warn_if_inexact(runner)
            if _lacks_validation(runner):
                runner.logger.info('Validating the resumed epoch first.')
                runner.val_loop.run()

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Remember that the epoch is validated, then see ``Hook``."""
        runner.message_hub.update_info(VALIDATED, runner.epoch)
        super().after_val_epoch(runner, metrics)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Keep the names of what is removed afterwards; see ``Hook``."""
        if self.removal is not None:
            waiting = self.removal.waiting
            checkpoint[SUPERSEDED] = [osp.basename(path) for path in waiting]

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Read the names of what may not have been removed; see ``Hook``."""
        self.superseded = checkpoint.get(SUPERSEDED, [])

    def _clean_up(self, runner: Runner) -> None:
        for path in remove_unfinished(self.out_dir):
            runner.logger.warning(f'Removed {path}: its writing was killed.')
        if runner.iter > 0:
            for name in self.superseded:
                self._remove_by_name(name)
            self.removal.finish()

    def _remove_by_name(self, name: str) -> None:
        path = osp.join(self.out_dir, name)
        if name.endswith('.pth') and osp.isfile(path):
            self.removal.remove(path)

    def _save_checkpoint_with_step(
        self, runner: Runner, step: int, meta: dict
    ) -> None:
        super()._save_checkpoint_with_step(runner, step, meta)
        if self.removal is not None:
            self.removal.finish()

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        super()._save_best_checkpoint(runner, metrics)
        if self.removal is not None:
            self.removal.finish()


class LateRemoval(LocalBackend):
    """Removes the files of one folder when told to, not when asked to.

    Args:
        folder (str | Path): Files elsewhere are not removed.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).resolve()
        self.waiting: dict[str, int] = {}  # path -> inode

    def remove(self, filepath: str | Path) -> None:
        """Note a file.

        Args:
            filepath (str | Path): An existing file.
        """
        if Path(filepath).resolve().parent == self.folder:
            self.waiting[str(filepath)] = os.stat(filepath).st_ino

    def finish(self) -> None:
        """Remove what was noted, unless another file has its name now."""
        while self.waiting:
            path, inode = self.waiting.popitem()
            if osp.isfile(path) and os.stat(path).st_ino == inode:
                os.remove(path)


def _lacks_validation(runner: Runner) -> bool:
    loop = runner.train_loop
    if runner.val_loop is None or not isinstance(loop, EpochBasedTrainLoop):
        return False
    loop._decide_current_val_interval()
    in_turn = runner.epoch % loop.val_interval == 0
    due = runner.epoch >= loop.val_begin and (
        in_turn or runner.epoch == loop.max_epochs
    )
    done = runner.message_hub.runtime_info.get(VALIDATED)
    return due and done != runner.epoch
