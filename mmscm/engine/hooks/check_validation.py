"""Validate one batch before a training, to find at once what would fail."""

from __future__ import annotations

from difflib import get_close_matches

import torch
from mmengine import hooks
from mmengine.dist import get_world_size
from mmengine.runner import Runner

from mmscm.registry import HOOKS

from .epoch_seed import random_numbers


@HOOKS.register_module()
class CheckValidationHook(hooks.Hook):
    """Score one batch of the val set before the first epoch.

    Metrics that ask for boxes or masks that the data do not have, and a
    ``save_best`` that no metric reports, would otherwise end the training
    after its first epoch. Random numbers stay as they were.
    """

    @torch.no_grad()
    def before_train(self, runner: Runner) -> None:
        """Predict, score and look at the names of the values.

        Args:
            runner (Runner): The runner that trains.
        """
        if runner.val_loop is None:
            return
        level = runner.logger.level
        runner.logger.setLevel('ERROR')  # values of one batch say nothing
        try:
            with random_numbers(0):
                names = self._score_a_batch(runner)
        finally:
            runner.logger.setLevel(level)
        for hook in runner.hooks:
            if isinstance(hook, hooks.CheckpointHook) and hook.save_best:
                _check_names(hook.save_best, names)

    def _score_a_batch(self, runner: Runner) -> list[str]:
        loop = runner.val_loop
        batch = next(iter(loop.dataloader))
        runner.model.eval()
        samples = runner.model.val_step(batch)
        loop.evaluator.process(data_samples=samples, data_batch=batch)
        return list(loop.evaluator.evaluate(len(samples) * get_world_size()))


def _check_names(wanted: list[str], names: list[str]) -> None:
    for name in wanted:
        if name not in ('auto', *names):
            near = get_close_matches(name, names, n=1)
            hint = f'Did you mean {near[0]!r}?' if near else f'It has {names}.'
            raise ValueError(
                'Expected `save_best` to be a value of `val_evaluator`, but '
                f'got {name!r}. {hint}'
            )
