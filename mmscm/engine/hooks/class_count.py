"""Compare the classes of the data with those of the model."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.utils.data import Dataset

from mmscm.registry import HOOKS


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
    model = getattr(runner.model, 'module', runner.model)
    return getattr(getattr(model, 'head', None), 'num_classes', None)


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
