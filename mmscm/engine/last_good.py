"""Write the weights that a training had before it went wrong."""

from __future__ import annotations

from mmengine import hooks
from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmscm.engine.non_finite import in_words, non_finite


def save_last_good(runner: Runner) -> str:
    """Save a checkpoint beside those of the CheckpointHook.

    Returns when the file is written, on all ranks, so that none ends the
    job before.

    Args:
        runner (Runner): With the last good weights.

    Returns:
        str: A sentence that says where they are.
    """
    outcome = ['']
    if is_main_process():
        try:
            outcome = [_save(runner)]
        except Exception as error:  # the other ranks wait for it
            outcome = [
                'The weights could not be saved '
                f'({type(error).__name__}: {error}). {_last(runner)}'
            ]
    broadcast_object_list(outcome)
    return outcome[0]


def _save(runner: Runner) -> str:
    model = runner.model
    model = model.module if is_model_wrapper(model) else model
    names = non_finite(model.state_dict())
    if names:
        return (
            f'The weights are not finite themselves ({in_words(names)}), so '
            f'they are not saved. {_last(runner)}'
        )
    name = f'last_good_iter_{runner.iter}.pth'
    hook = _checkpoint_hook(runner)
    folder = runner.work_dir if hook is None else hook.out_dir
    runner.save_checkpoint(
        folder,
        name,
        meta=dict(epoch=runner.epoch, iter=runner.iter),
        backend_args=None if hook is None else hook.backend_args,
    )
    return (
        f'The weights before it are in {folder}/{name}, after {runner.iter} '
        f'iterations. {_last(runner)}'
    )


def _last(runner: Runner) -> str:
    last = runner.message_hub.runtime_info.get('last_ckpt')
    if last is None:
        return 'This training has saved no other checkpoint.'
    return f'The checkpoint before is {last}.'


def _checkpoint_hook(runner: Runner) -> hooks.CheckpointHook | None:
    found = (h for h in runner.hooks if isinstance(h, hooks.CheckpointHook))
    return next(found, None)
