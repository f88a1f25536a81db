"""Write checkpoints that a killed process or a full disk cannot spoil."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from mmengine import hooks
from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.runner import EpochBasedTrainLoop, Runner

from mmscm.engine.checkpoint import UNFINISHED, replacing
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
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.args:  # mmengine would hand them on after the first epoch
            raise TypeError(
                'Expected arguments of mmengine.hooks.CheckpointHook, but '
                f'got {", ".join(self.args)}.'
            )

    def before_train(self, runner: Runner) -> None:
        """Clean up after a killed process and validate where it could not."""
        super().before_train(runner)
        if type(self.file_backend) is LocalBackend:
            self.backend_args = dict(backend='mmscm_local')
            self.file_backend = WholeFiles(only=self.max_keep_ckpts == 1)
            WholeFiles.superseded.clear()
            if is_main_process():
                for path in Path(self.out_dir).glob(f'*.pth.*{UNFINISHED}'):
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


@register_backend('mmscm_local')
class WholeFiles(LocalBackend):
    """mmengine's local files, each written at once.

    Args:
        only (bool): Whether one checkpoint besides the best is kept.
    """

    # shared: mmengine makes an instance for every file that it writes
    superseded: ClassVar[set[Path]] = set()

    def __init__(self, only: bool = False) -> None:
        self.only = only

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write a file, then remove what it follows in its folder."""
        written = Path(filepath).resolve()
        os.makedirs(written.parent, exist_ok=True)
        with replacing(filepath) as file:
            file.write(obj)
        for path in self.superseded - {written}:
            if path.parent == written.parent:
                path.unlink(missing_ok=True)
        self.superseded.clear()

    def remove(self, filepath: str | Path) -> None:
        """Remove a file, or let :meth:`put` do it if none would be left."""
        path = Path(filepath).resolve()
        if self.only or path.name.startswith('best_'):
            self.superseded.add(path)
        else:
            path.unlink()


def _lacks_validation(runner: Runner) -> bool:
    loop = runner.train_loop
    if runner.val_loop is None or not isinstance(loop, EpochBasedTrainLoop):
        return False
    loop._decide_current_val_interval()
    due = runner.epoch >= loop.val_begin and (
        runner.epoch % loop.val_interval == 0
        or runner.epoch == loop.max_epochs
    )
    done = runner.message_hub.runtime_info.get(VALIDATED)
    return due and done != runner.epoch
