"""Go on with the config's schedule in a training that is resumed."""

from __future__ import annotations

from typing import Any

from mmengine import hooks
from mmengine.optim import _ParamScheduler
from mmengine.runner import EpochBasedTrainLoop, Runner

from mmscm.registry import HOOKS

# what of a scheduler's state says how far it has come
PROGRESS = {
    *('last_step', '_global_step', '_last_value', 'base_values', 'verbose'),
}
# what follows from the length of the training
LENGTH = {'begin', 'end', 'T_max', 'total_iters', 'milestones'}


@HOOKS.register_module()
class ParamSchedulerHook(hooks.ParamSchedulerHook):
    """mmengine's ParamSchedulerHook for a training resumed at another length.

    mmengine puts the schedule of the checkpoint in place of the config's, so
    that a cosine stops where the shorter training would have ended. Here the
    steps up to the checkpoint are taken again on the config's schedule where
    the lengths differ, and other differences are refused.
    """

    rebuilds = False

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare the schedules.

        Args:
            runner (Runner): The runner that loads.
            checkpoint (dict): What was read from the file.
        """
        states = checkpoint.get('param_schedulers')
        mine = runner.param_schedulers
        if not runner._resume or not states or not isinstance(mine, list):
            return
        differing = _difference(mine, states)
        if differing - LENGTH:
            raise ValueError(
                'Expected the schedule of the checkpoint in `param_scheduler` '
                f'to resume, but {", ".join(sorted(differing))} differ: the '
                f'checkpoint has {_settings(states)}, the config '
                f'{_settings([s.state_dict() for s in mine])}. A training '
                'that starts from these weights has `load_from` alone.'
            )
        if differing:
            self.rebuilds = True
            del checkpoint['param_schedulers']
        theirs, own = states[0]['base_values'], mine[0].base_values
        if theirs != own:
            runner.logger.warning(
                f'Going on with the learning rate {theirs[0]:g} of the '
                f'checkpoint; the config has {own[0]:g}.'
            )

    def before_train(self, runner: Runner) -> None:
        """Take the steps of the config's schedule up to the checkpoint.

        Args:
            runner (Runner): The runner that trains.
        """
        if not self.rebuilds:
            return
        loop = runner.train_loop
        for group in runner.optim_wrapper.param_groups:
            group['lr'] = group['initial_lr']
        runner.param_schedulers = runner.build_param_scheduler(
            runner.cfg.param_scheduler
        )
        by_epoch = isinstance(loop, EpochBasedTrainLoop)
        length = len(loop.dataloader) if by_epoch else 0
        for iteration in range(1, runner.iter + 1):
            for scheduler in runner.param_schedulers:
                if not scheduler.by_epoch:
                    scheduler.step()
            if by_epoch and iteration % length == 0:
                for scheduler in runner.param_schedulers:
                    if scheduler.by_epoch:
                        scheduler.step()
        runner.logger.info(
            'The schedule is that of the config, which has another length '
            'than the checkpoint: the learning rate is '
            f'{runner.optim_wrapper.get_lr()["lr"][0]:.4g}.'
        )


def _difference(
    schedulers: list[_ParamScheduler], states: list[dict[str, Any]]
) -> set[str]:
    """Names of the settings that differ."""
    if len(schedulers) != len(states):
        return {'numbers of schedulers'}
    differing = set()
    for scheduler, theirs in zip(schedulers, states, strict=True):
        mine = scheduler.state_dict()
        differing |= mine.keys() ^ theirs.keys()
        shared = mine.keys() & theirs.keys()
        differing |= {key for key in shared if mine[key] != theirs[key]}
    return differing - PROGRESS


def _settings(states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: state[key] for key in state if key not in PROGRESS}
        for state in states
    ]
