"""Refuse a run that would fail later, or score what nobody means."""

from __future__ import annotations

from difflib import get_close_matches

import torch
from mmengine.dist import get_world_size
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from torch import Tensor, nn
from torch.utils.data import Dataset

from mmscm.registry import HOOKS
from mmscm.weights import backbone_weights, bare, fits, weights_of

from .epoch_seed import random_numbers


@HOOKS.register_module()
class ClassCountHook(Hook):
    """Refuse to run with a data set of other classes than the head's.

    Beyond the host's ClassNumCheckHook it knows sets without names, by their
    own ``num_classes`` or their largest label.
    """

    priority = 'VERY_HIGH'  # before any hook starts work

    def before_train(self, runner: Runner) -> None:
        """Check both sets that a training reads; see ``Hook``."""
        if _head_classes(runner) == 1:
            raise ValueError(
                'Expected `model.head.num_classes` of two or more, but got 1: '
                'cross-entropy of one class has no gradient. Add a class of '
                'images without the object.'
            )
        _compare(runner, runner.train_dataloader.dataset)
        if runner.val_loop is not None:
            _compare(runner, runner.val_dataloader.dataset)

    def before_test(self, runner: Runner) -> None:
        """Check the test set; see ``Hook``."""
        _compare(runner, runner.test_dataloader.dataset)


def _head_classes(runner: Runner) -> int | None:
    head = getattr(bare(runner.model), 'head', None)
    return getattr(head, 'num_classes', None)


def _compare(runner: Runner, dataset: Dataset) -> None:
    classes, name = _head_classes(runner), type(dataset).__name__
    if classes is None:
        return
    names = (getattr(dataset, 'metainfo', None) or {}).get('classes')
    known = len(names) if names else getattr(dataset, 'num_classes', None)
    if known is not None and known != classes:
        raise ValueError(
            f'Expected `model.head.num_classes` {known}, the classes of the '
            f'{name}, but got {classes}.'
        )
    if known is None and hasattr(dataset, 'get_gt_labels'):
        largest = int(max(dataset.get_gt_labels(), default=0))
        if largest >= classes:
            raise ValueError(
                f'Expected labels below `model.head.num_classes`, {classes}, '
                f'but got {largest} in the {name}.'
            )


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
        model = bare(runner.model)
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


@HOOKS.register_module()
class CheckValidationHook(Hook):
    """Score one batch of the val set before the first epoch.

    Metrics that ask for boxes or masks that the data do not have, and a
    ``save_best`` or ``monitor`` that no metric reports, would otherwise end
    the training after its first epoch. Random numbers stay as they were.
    """

    @torch.no_grad()
    def before_train(self, runner: Runner) -> None:
        """Predict, score and look at the names of the values."""
        if runner.val_loop is None:
            return
        level = runner.logger.level
        runner.logger.setLevel('ERROR')  # values of one batch say nothing
        try:
            with random_numbers(0):
                values = _score_a_batch(runner)
        finally:
            runner.logger.setLevel(level)
        for part in (*runner.hooks, *(runner.param_schedulers or ())):
            for name in getattr(part, 'save_best', None) or ():
                _check_name('save_best', name, ['auto', *values])
            if hasattr(part, 'monitor'):  # EarlyStopping, ReduceOnPlateau
                _check_name('monitor', part.monitor, [*values])


def _check_name(key: str, name: str, known: list[str]) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0)[0]
        raise ValueError(
            f'Expected `{key}` to be a value of `val_evaluator`, but got '
            f'{name!r}. Did you mean {near!r}?'
        )


def _score_a_batch(runner: Runner) -> dict[str, float]:
    loop = runner.val_loop
    batch = next(iter(loop.dataloader))
    runner.model.eval()
    samples = runner.model.val_step(batch)
    loop.evaluator.process(data_samples=samples, data_batch=batch)
    return loop.evaluator.evaluate(len(samples) * get_world_size())
