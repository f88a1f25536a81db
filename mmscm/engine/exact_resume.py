"""Say so where a resumed training cannot equal the uninterrupted one."""

from __future__ import annotations

from mmengine.runner import EpochBasedTrainLoop, Runner


def warn_if_inexact(runner: Runner) -> None:
    """Log why the weights will differ, if they will.

    Args:
        runner (Runner): Resumed and about to train.
    """
    reason = _reason(runner)
    if reason:
        runner.logger.warning(
            f'Expected to resume where an epoch ended, but got {reason}. '
            'Training goes on, with other weights than without the '
            'interruption.'
        )


def _reason(runner: Runner) -> str:
    loop, wrapper = runner.train_loop, runner.optim_wrapper
    if not isinstance(loop, EpochBasedTrainLoop):
        return f'{type(loop).__name__}, which does not train by epochs'
    length = len(loop.dataloader)
    if runner.iter != runner.epoch * length:
        return (
            f'iteration {runner.iter} in epoch {runner.epoch} of {length} '
            'iterations each: saved within an epoch, or with another data '
            'set, batch size or number of processes'
        )
    if runner.iter % getattr(wrapper, '_accumulative_counts', 1):
        return (
            f'iteration {runner.iter}, which is no multiple of '
            f'`accumulative_counts` {wrapper._accumulative_counts}: gathered '
            'gradients are not stored'
        )
    return ''
