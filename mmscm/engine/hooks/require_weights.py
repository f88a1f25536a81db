"""Refuse checkpoints that leave weights of the model random."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from torch import Tensor, nn

from mmscm.registry import HOOKS
from mmscm.weights import backbone_weights, fits, weights_of


@HOOKS.register_module()
class RequireWeightsHook(Hook):
    """Raise when the checkpoint lacks weights of the model.

    mmengine loads what fits and warns about the rest, so that a test with
    the wrong config would score random weights. A test or a resumed training
    needs all weights; a training that starts from ``load_from`` needs nearly
    all of its backbone, the head may be new. Weights that the model does not
    have, such as the neck's in a config without one, are no error.
    """

    priority = 'VERY_LOW'  # after EMA has put its weights into place

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare names and shapes, and put weights where mmengine looks."""
        # a text that mmengine would run as Python when it resumes
        (checkpoint.get('meta') or {}).pop('config', None)
        model = getattr(runner.model, 'module', runner.model)
        weights = checkpoint['state_dict'] = weights_of(checkpoint)
        starts = isinstance(runner._train_loop, BaseLoop)
        if runner._resume or not starts:
            require_weights(model, weights)
        elif hasattr(model, 'backbone'):
            source = f'`load_from` {runner._load_from}'
            found = backbone_weights(model.backbone, weights, source)
            weights |= {f'backbone.{name}': w for name, w in found.items()}


def require_weights(model: nn.Module, weights: dict[str, Tensor]) -> None:
    """Raise ValueError unless each weight of a model is there and fits."""
    missing = []
    for name, weight in model.state_dict().items():
        given = weights.get(name)
        if not fits(name, weight, given):
            got = getattr(given, 'shape', None)
            missing.append(f'{name} {tuple(weight.shape)} (got {got})')
    if missing:
        raise ValueError(
            'Expected a checkpoint with every weight of the config, but '
            f'{len(missing)} are missing or have another shape: '
            f'{", ".join(missing[:5])}{" ..." * (len(missing) > 5)}.'
        )
