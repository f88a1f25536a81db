"""Stop a training whose gradient is not finite, weights unharmed."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from mmengine.dist import barrier
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner

from mmscm.registry import HOOKS
from mmscm.weights import bare

# The scaler starts at 2^16 and halves at every gradient beyond float16.
MIN_LOSS_SCALE = 2.0**-14


@HOOKS.register_module()
class StopOnNonFiniteHook(Hook):
    """Raise before a gradient that is not finite reaches the weights.

    A loss that is not finite has such a gradient. Processes share their
    gradients, so all of them stop. The weights and statistics from before
    the iteration are written to ``last_good_iter_*.pth``.

    Python waits for the device once an iteration, for one number.

    A gradient beyond float16 is no error in mixed precision: the loss scaler
    leaves that step out, and the optimizer does not see it. It is one when
    the scale has come down to ``MIN_LOSS_SCALE``.
    """

    def before_train(self, runner: Runner) -> None:
        """Watch the optimizer's steps."""
        check = partial(self._check_gradients, runner)
        runner.optim_wrapper.optimizer.register_step_pre_hook(check)

    def before_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Keep what a forward pass changes: statistics of batch norm."""
        buffers = bare(runner.model).buffers()
        self.buffers = [(buffer, buffer.clone()) for buffer in buffers]
        self.stepped = False

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Stop where the loss scaler leaves out every step."""
        scaler = getattr(runner.optim_wrapper, 'loss_scaler', None)
        if scaler is None or self.stepped:
            return
        scale = scaler.get_scale()
        if scale < MIN_LOSS_SCALE:
            self._stop(runner, f'none down to a loss scale of {scale:.3g}')

    def _check_gradients(
        self, runner: Runner, optimizer: torch.optim.Optimizer, *_: Any
    ) -> None:
        if getattr(optimizer, 'found_inf', None) is not None:
            return  # a fused optimizer, which skips the step by itself
        self.stepped = True
        norm = gradient_norm(runner.optim_wrapper)
        if not norm < float('inf'):
            named = bare(runner.model).named_parameters()
            grads = {name: p.grad for name, p in named if p.grad is not None}
            bad = [name for name in grads if not grads[name].isfinite().all()]
            where = f', not finite in {", ".join(bad[:5])}' if bad else ''
            self._stop(runner, f'a norm of {float(norm)}{where}')

    def _stop(self, runner: Runner, got: str) -> None:
        for buffer, before in self.buffers:
            buffer.copy_(before)
        saved = _save(runner)
        barrier()  # a process that ends stops the one that writes
        raise FloatingPointError(
            f'Expected a finite gradient, but got {got} at iteration '
            f'{runner.iter + 1}, epoch {runner.epoch + 1}. {saved}'
        )


def gradient_norm(optim_wrapper: OptimWrapper) -> torch.Tensor | float:
    """L2 norm of all gradients before they are clipped, 0-d.

    Infinite beyond 1.8e19 too, where squares of a float32 overflow in the
    optimizer.
    """
    clipped = optim_wrapper.clip_grad_kwargs is not None
    if clipped and optim_wrapper.grad_name == 'grad_norm':
        history = optim_wrapper.message_hub.get_scalar('train/grad_norm')
        return history.current()
    groups = optim_wrapper.optimizer.param_groups
    grads = [p.grad for group in groups for p in group['params']]
    norms = torch._foreach_norm([grad for grad in grads if grad is not None])
    return torch.stack(norms).norm()


def _save(runner: Runner) -> str:
    """Write the weights, if they are good, and say where they are."""
    weights = bare(runner.model).state_dict().values()
    if not all(weight.isfinite().all() for weight in weights):
        return 'The weights are not finite either: they are not saved.'
    name = f'last_good_iter_{runner.iter}.pth'
    meta = dict(epoch=runner.epoch, iter=runner.iter)
    try:
        runner.save_checkpoint(runner.work_dir, name, meta=meta)
    except OSError as error:  # other processes wait for this one
        return f'The weights before it could not be saved ({error}).'
    return f'The weights before it are in {runner.work_dir}/{name}.'
