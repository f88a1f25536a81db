"""Stop a training whose loss or gradient is not finite, weights unharmed."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from mmengine import hooks
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from mmscm.engine.last_good import save_last_good
from mmscm.engine.non_finite import (
    first_non_finite,
    gradient_norm,
    in_words,
    non_finite,
    on_any_rank,
    reports_of_ranks,
)
from mmscm.registry import HOOKS

# The scaler starts at 2^16 and halves at every gradient beyond float16.
MIN_LOSS_SCALE = 2.0**-14


@HOOKS.register_module()
class StopOnNonFiniteHook(hooks.Hook):
    """Raise where training would go on with numbers that are not finite.

    The loss is checked before its backward pass, the gradients before the
    optimizer's step, and the weights before the checkpoint of an epoch. All
    processes stop together with the same error, after the weights from
    before the iteration are written to ``last_good_iter_*.pth``.

    A gradient beyond float16 is no error in mixed precision: the loss scaler
    leaves that step out, and the optimizer does not see it. It is one when
    the scale has come down to ``MIN_LOSS_SCALE``.
    """

    def before_train(self, runner: Runner) -> None:
        """Watch the forward passes and the optimizer.

        Args:
            runner (Runner): The runner that trains.
        """
        model = _model(runner)
        self.values: dict[str, Tensor] = {}  # of the latest forward pass
        self.maps: list[tuple[str, Any]] = []  # in it, in their order
        self.buffers: list[tuple[Tensor, Tensor]] = []
        self.handles = [
            model.register_forward_hook(partial(self._check_loss, runner)),
            runner.optim_wrapper.optimizer.register_step_pre_hook(
                partial(self._check_gradients, runner)
            ),
        ]
        neck = getattr(model, 'neck', None)
        for index, block in enumerate(getattr(neck, 'blocks', ())):
            hook = partial(self._remember_maps, index)
            self.handles.append(block.register_forward_hook(hook))

    def before_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Keep what a forward pass changes: statistics of batch norm."""
        buffers = _model(runner).buffers()
        self.buffers = [(buffer, buffer.clone()) for buffer in buffers]

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Stop where the loss scaler leaves out every step."""
        self.buffers = []
        scaler = getattr(runner.optim_wrapper, 'loss_scaler', None)
        scale = 1.0 if scaler is None else scaler.get_scale()
        if on_any_rank(scale < MIN_LOSS_SCALE):
            reason = f'none down to a loss scale of {scale:.3g}'
            self._stop(runner, 'a gradient that float16 holds', reason)

    def after_train_epoch(self, runner: Runner) -> None:
        """Stop before weights that are not finite become a checkpoint."""
        names = non_finite(_model(runner).state_dict())
        if on_any_rank(bool(names)):
            reason = names and in_words(names)
            self._stop(runner, 'finite weights after an epoch', reason)

    def after_train(self, runner: Runner) -> None:
        """Leave model and optimizer as they were."""
        for handle in self.handles:
            handle.remove()

    def _remember_maps(
        self, index: int, block: nn.Module, inputs: tuple, outputs: tuple
    ) -> None:
        if index == 0:
            self.maps = [('before block 0', inputs)]
        self.maps.append((f'after block {index}', outputs))

    def _check_loss(
        self, runner: Runner, model: nn.Module, inputs: tuple, losses: Any
    ) -> None:
        maps, self.maps = self.maps, []
        if not (model.training and isinstance(losses, dict)):
            return
        loss, values = model.parse_losses(losses)
        self.values = {name: value.detach() for name, value in values.items()}
        fine = loss.detach().isfinite()
        if on_any_rank(~fine):
            names = non_finite(self.values) or ['their sum']
            reason = in_words(names) + first_non_finite(maps)
            self._stop(runner, 'a finite loss', None if fine else reason)

    def _check_gradients(
        self, runner: Runner, optimizer: torch.optim.Optimizer, *_: Any
    ) -> None:
        if getattr(optimizer, 'found_inf', None) is not None:
            return  # a fused optimizer, which skips the step by itself
        norm = gradient_norm(runner.optim_wrapper)
        fine = norm.isfinite()
        if on_any_rank(~fine):
            parameters = _model(runner).named_parameters()
            names = non_finite({name: p.grad for name, p in parameters})
            where = (
                f'not finite in {in_words(names)}' if names else 'summed up'
            )
            reason = f'{norm.item()}, {where}'
            wanted = 'a finite norm of the gradient'
            self._stop(runner, wanted, None if fine else reason)

    def _stop(self, runner: Runner, wanted: str, reason: str | None) -> None:
        """Restore, save and raise, on all ranks.

        Args:
            runner (Runner): The runner that trains.
            wanted (str): What was expected.
            reason (str, optional): What this rank has got instead; nothing
                if it is fine.
        """
        for buffer, before in self.buffers:
            buffer.copy_(before)
        values = [f'{k} {float(v):.6g}' for k, v in self.values.items()]
        got = reports_of_ranks(reason and f'{reason} ({", ".join(values)})')
        message = (
            f'Expected {wanted}, but got {got} at iteration '
            f'{runner.iter + 1}, epoch {runner.epoch + 1}. '
            f'{save_last_good(runner)}'
        )
        runner.logger.error(message)
        raise FloatingPointError(message)


def _model(runner: Runner) -> nn.Module:
    model = runner.model
    return model.module if is_model_wrapper(model) else model
