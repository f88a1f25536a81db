"""Write checkpoints that a killed process or a full disk cannot spoil."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mmengine import hooks
from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.runner import EpochBasedTrainLoop, Runner

from mmscm.engine.atomic_files import SUFFIX, replacing
from mmscm.registry import HOOKS

# kept in the message hub; mmengine logs names that begin with "val"
VALIDATED = 'last_validated_epoch'


@HOOKS.register_module()
class CheckpointHook(hooks.CheckpointHook):
    """mmengine's CheckpointHook for trainings that may be interrupted.

    - A file is written beside its place and moved there when it is whole.
    - A best or only checkpoint is removed after the one that follows it is
      written; mmengine does it before. Files of other runs are not removed.
    - A resumed training first makes up for the validation that its
      checkpoint lacks, and so finds the best checkpoint and its thresholds.

    Other places than local folders are left to mmengine.

    Args:
        **kwargs (Any): See mmengine's CheckpointHook.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.args:  # mmengine would hand them on after the first epoch
            raise TypeError(
                'Expected arguments of mmengine.hooks.CheckpointHook, but '
                f'got {", ".join(self.args)}.'
            )

    def before_train(self, runner: Runner) -> None:
        """Clean up after a killed process and validate where it could not.

        Args:
            runner (Runner): The runner that trains, resumed or not.
        """
        super().before_train(runner)
        if type(self.file_backend) is LocalBackend:
            self.backend_args = dict(backend='mmscm_local')
            only = self.max_keep_ckpts == 1
            self.file_backend = LateRemoval(self.out_dir, only)
            if is_main_process():
                for path in Path(self.out_dir).glob(f'*.pth.*{SUFFIX}'):
                    path.unlink()  # its writing was killed
        if runner.iter > 0:
            # None keeps mmengine from adding a best score to the last one
            self.last_ckpt = runner.message_hub.get_info('last_ckpt')
            if _lacks_validation(runner):
                runner.logger.info('Validating the resumed epoch first.')
                runner.val_loop.run()

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Remember that the epoch is validated, then see ``Hook``."""
        runner.message_hub.update_info(VALIDATED, runner.epoch)
        super().after_val_epoch(runner, metrics)

    def _save_checkpoint_with_step(
        self, runner: Runner, step: int, meta: dict
    ) -> None:
        self._remove_superseded()  # a new best one is written
        super()._save_checkpoint_with_step(runner, step, meta)
        self._remove_superseded()

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        super()._save_best_checkpoint(runner, metrics)
        self._remove_superseded()

    def _remove_superseded(self) -> None:
        if isinstance(self.file_backend, LateRemoval):
            best = getattr(self, 'best_ckpt_path_dict', None) or {}
            one = getattr(self, 'best_ckpt_path', None)
            self.file_backend.finish({one, self.last_ckpt, *best.values()})


class LateRemoval(LocalBackend):
    """Remove best or only checkpoints of one folder when told to.

    Args:
        folder (str | Path): Files elsewhere are not removed.
        only (bool): Whether one checkpoint besides the best is kept.
    """

    def __init__(self, folder: str | Path, only: bool) -> None:
        self.folder = Path(folder).resolve()
        self.only = only
        self.waiting: set[str] = set()

    def remove(self, filepath: str | Path) -> None:
        """Remove a file now, or note it if none would be left.

        Args:
            filepath (str | Path): An existing file.
        """
        path = Path(filepath)
        if path.resolve().parent != self.folder:
            return
        if self.only or path.name.startswith('best_'):
            self.waiting.add(str(filepath))
        else:
            path.unlink()

    def finish(self, current: set[str | None]) -> None:
        """Remove what was noted but for files that were written since.

        Args:
            current (set[str | None]): Paths that stay.
        """
        for path in self.waiting - current:
            Path(path).unlink(missing_ok=True)
        self.waiting.clear()


@register_backend('mmscm_local')
class AtomicLocalBackend(LocalBackend):
    """mmengine's local files, each written by :func:`replacing`."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write a file.

        Args:
            obj (bytes): Its content.
            filepath (str | Path): Its path; folders are made.
        """
        os.makedirs(os.path.dirname(filepath) or '.', exist_ok=True)
        with replacing(filepath) as file:
            file.write(obj)


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
