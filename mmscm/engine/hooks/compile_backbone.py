"""Compile the backbone for a training, and nothing else."""

from __future__ import annotations

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from mmscm.registry import HOOKS

MIN_TORCH = '2.4'


@HOOKS.register_module()
class CompileBackboneHook(Hook):
    """``torch.compile`` of the backbone, in place.

    The Runner's own ``compile=True`` compiles the optimizer step too, which
    fails with ``paramwise_cfg``. Names in checkpoints do not change.

    Args:
        **options: Arguments of ``torch.compile``, such as ``mode``.
    """

    def __init__(self, **options) -> None:
        # torch 2.1 then calls no hook before the optimizer's step, and
        # StopOnNonFiniteHook would not see the gradients
        if torch.__version__ < MIN_TORCH:
            raise RuntimeError(
                f'Expected torch {MIN_TORCH} or later to compile a training, '
                f'but got {torch.__version__}.'
            )
        self.options = options

    def before_train(self, runner: Runner) -> None:
        """Compile at the first forward pass.

        Args:
            runner (Runner): The runner that trains.
        """
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        compile_backbone(model, **self.options)


def compile_backbone(model: nn.Module, **options) -> None:
    """``torch.compile`` of a model's backbone at its first forward pass.

    Args:
        model (nn.Module): With a ``backbone``.
        **options: Arguments of ``torch.compile``.
    """
    for module in model.backbone.modules():
        # numpy scalars of the host, which break the graph
        if hasattr(module, 'drop_prob'):
            module.drop_prob = float(module.drop_prob)
    model.backbone.compile(**options)
