"""Store the thresholds of a validation in the checkpoint that it selects."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmscm.engine.thresholds import (
    StoredThresholds,
    set_thresholds,
    thresholds_of,
)
from mmscm.registry import HOOKS


@HOOKS.register_module()
class StoreThresholdsHook(Hook):
    """Write the best thresholds of a validation into ``best_*.pth``.

    They are said to be chosen on ``split``. A checkpoint that is saved before
    its weights were validated gets none: those of an earlier epoch are not its
    own. ``tools/calibrate.py`` adds them to any checkpoint. A model gets those
    of what it is filled from, :func:`~mmscm.engine.thresholds.thresholds_of`.
    """

    priority = 'LOW'  # before CheckpointHook saves the best

    def __init__(self, split: str = 'val') -> None:
        self.split = split
        self.thresholds: StoredThresholds | None = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Give the model its thresholds, and the pictures of a test."""
        set_thresholds(runner.model, checkpoint)
        stored = thresholds_of(runner.model)
        if stored is not None and stored.gt_known is not None:
            runner.visualizer.cam_thr = stored.gt_known

    def before_train_iter(self, *args, **kwargs) -> None:
        """Forget the thresholds: the weights are about to change."""
        self.thresholds = None

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Remember the thresholds; see ``Hook``."""
        self.thresholds = StoredThresholds.from_metrics(
            self.split, runner.val_evaluator.metrics
        )

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add what is remembered; see ``Hook``."""
        if self.thresholds is not None:
            self.thresholds.write_to(checkpoint)
