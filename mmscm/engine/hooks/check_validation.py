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
    ``save_best`` or ``monitor`` that no metric reports, would otherwise end
    the training after its first epoch. Random numbers stay as they were.
    """

    @torch.no_grad()
    def before_train(self, runner: Runner) -> None:
        """Predict, score and look at the names of the values."""
        if runner.val_loop is None:
            return
        level = runner.logger.level
        runner.logger.setLevel('ERROR')  # values of one batch say nothing
        try:
            with random_numbers(0):
                values = _score_a_batch(runner)
        finally:
            runner.logger.setLevel(level)
        for part in (*runner.hooks, *(runner.param_schedulers or ())):
            for name in getattr(part, 'save_best', None) or ():
                _check_name('save_best', name, ['auto', *values])
            if hasattr(part, 'monitor'):  # EarlyStopping, ReduceOnPlateau
                _check_name('monitor', part.monitor, [*values])


def _check_name(key: str, name: str, known: list[str]) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0)[0]
        raise ValueError(
            f'Expected `{key}` to be a value of `val_evaluator`, but got '
            f'{name!r}. Did you mean {near!r}?'
        )


def _score_a_batch(runner: Runner) -> dict[str, float]:
    loop = runner.val_loop
    batch = next(iter(loop.dataloader))
    runner.model.eval()
    samples = runner.model.val_step(batch)
    loop.evaluator.process(data_samples=samples, data_batch=batch)
    return loop.evaluator.evaluate(len(samples) * get_world_size())
