"""Refuse to test or resume a model that the checkpoint does not fill."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner
from torch import Tensor, nn

from mmscm.registry import HOOKS


@HOOKS.register_module()
class RequireWeightsHook(Hook):
    """Raise when the checkpoint lacks weights of the model.

    mmengine loads what fits and warns about the rest, so that a test with
    the wrong config would score random weights. Weights that the model does
    not have, such as the neck's in a config without one, are no error.
    A training that starts from ``load_from`` may have a new head.
    """

    priority = 'VERY_LOW'  # after EMA has put its weights into place

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare names and shapes.

        Args:
            runner (Runner): The runner that loads.
            checkpoint (dict): What was read from the file.
        """
        # a text that mmengine would run as Python when it resumes
        checkpoint.get('meta', {}).pop('config', None)
        starts = isinstance(runner._train_loop, BaseLoop)
        if runner._resume or not starts:
            model = runner.model
            model = model.module if is_model_wrapper(model) else model
            require_weights(model, checkpoint.get('state_dict', checkpoint))


def require_weights(model: nn.Module, weights: dict[str, Tensor]) -> None:
    """Raise unless there is a weight of the right shape for each of a model.

    Args:
        model (nn.Module): What is to be filled.
        weights (dict[str, Tensor]): By name, with or without ``module.``.

    Raises:
        ValueError: Names and shapes of what is missing.
    """
    given = {name.removeprefix('module.'): w for name, w in weights.items()}
    missing = [
        f'{name} {tuple(weight.shape)}{_given(name, given)}'
        for name, weight in model.state_dict().items()
        if name not in given or not _fits(name, weight, given[name])
    ]
    if missing:
        raise ValueError(
            'Expected a checkpoint with every weight of the config, but '
            f'{len(missing)} are missing or have another shape: '
            f'{", ".join(missing[:5])}{" ..." * (len(missing) > 5)}.'
        )


def _given(name: str, given: dict[str, Tensor]) -> str:
    shape = tuple(given[name].shape) if name in given else None
    return '' if shape is None else f' (the checkpoint has {shape})'


def _fits(name: str, weight: Tensor, given: Tensor) -> bool:
    # transformers resize their position embedding while they load it
    resized = name.endswith('pos_embed')
    return resized or weight.shape == given.shape
