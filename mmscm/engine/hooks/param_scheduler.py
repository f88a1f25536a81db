"""Go on with the config's schedule in a training that is resumed."""

from __future__ import annotations

from typing import Any

from mmengine import hooks
from mmengine.runner import EpochBasedTrainLoop, Runner

from mmscm.registry import HOOKS

# what of a scheduler's state says how far it has come
PROGRESS = {
    *('last_step', '_global_step', '_last_value', 'base_values', 'verbose'),
    *('best', 'num_bad_epochs', 'cooldown_counter'),  # ReduceOnPlateau
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
        """Compare the schedules."""
        schedulers = runner.param_schedulers
        if not (runner._resume and isinstance(schedulers, list)):
            return
        states = checkpoint.get('param_schedulers')
        if not states:  # trained without, or not saved
            self.rebuilds = True
            return
        own = [scheduler.state_dict() for scheduler in schedulers]
        differing = _difference(own, states)
        if differing - LENGTH:
            raise ValueError(
                'Expected the schedule of the checkpoint in `param_scheduler` '
                f'to resume, but {", ".join(sorted(differing))} differ: the '
                f'checkpoint has {_settings(states)}, the config '
                f'{_settings(own)}. A training that starts from these weights '
                'has `load_from` alone.'
            )
        if differing and any('best' in state for state in states):
            # steps of a plateau depend on validations, and so cannot be
            # taken again: go on from them
            for state, mine in zip(states, own, strict=True):
                state |= {key: mine[key] for key in LENGTH & mine.keys()}
        elif differing:
            self.rebuilds = True
            del checkpoint['param_schedulers']
        theirs, lr = (s[0].get('base_values', [0])[0] for s in (states, own))
        if theirs != lr:
            runner.logger.warning(
                f'Going on with the learning rate {theirs:g} of the '
                f'checkpoint; the config has {lr:g}.'
            )

    def before_train(self, runner: Runner) -> None:
        """Take the steps of the config's schedule up to the checkpoint."""
        if not self.rebuilds:
            return
        for group in runner.optim_wrapper.param_groups:
            for key in [key for key in group if key.startswith('initial_')]:
                group[key.removeprefix('initial_')] = group[key]
            if {'betas', 'initial_momentum'} <= group.keys():  # Adam's
                group['betas'] = (group['momentum'], *group['betas'][1:])
        runner.param_schedulers = runner.build_param_scheduler(
            runner.cfg.param_scheduler
        )
        loop = runner.train_loop
        by_epoch = isinstance(loop, EpochBasedTrainLoop)
        # an epoch may have another length, too
        length = len(loop.dataloader) if by_epoch else runner.iter
        for _ in range(runner.epoch if by_epoch else 1):
            for _ in range(length):
                _step(runner, by_epoch=False)
            if by_epoch:
                _step(runner, by_epoch=True)
        runner.logger.info(
            'The schedule is that of the config and not of the checkpoint: '
            'the learning rate is '
            f'{runner.optim_wrapper.get_lr()["lr"][0]:.4g}.'
        )


def _step(runner: Runner, by_epoch: bool) -> None:
    for scheduler in runner.param_schedulers:
        if scheduler.by_epoch == by_epoch:
            scheduler.step()


def _difference(own: list[dict], theirs: list[dict]) -> set[str]:
    """Names of the settings that differ."""
    if len(own) != len(theirs):
        return {'numbers of schedulers'}
    return {
        key
        for mine, other in zip(own, theirs, strict=True)
        for key in (mine.keys() | other.keys()) - PROGRESS
        if key not in mine or key not in other or mine[key] != other[key]
    }


def _settings(states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: s[k] for k in s if k not in PROGRESS} for s in states]
