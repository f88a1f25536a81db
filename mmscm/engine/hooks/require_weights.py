"""Refuse to test a model that the checkpoint does not fill."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor

from mmscm.registry import HOOKS


@HOOKS.register_module()
class RequireWeightsHook(Hook):
    """Raise when the checkpoint lacks weights of the model.

    mmengine loads what fits and warns about the rest, so that a test with
    the wrong config would score random weights. Weights that the model does
    not have, such as the neck's in a config without one, are no error.
    """

    priority = 'VERY_LOW'  # after EMA has put its weights into place

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare names and shapes.

        Args:
            runner (Runner): The runner that loads.
            checkpoint (dict): What was read from the file.
        """
        model = runner.model
        model = model.module if is_model_wrapper(model) else model
        weights = checkpoint.get('state_dict', checkpoint)
        given = {k.removeprefix('module.'): v for k, v in weights.items()}
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
