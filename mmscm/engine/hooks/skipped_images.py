"""Say which images a training left out."""

from __future__ import annotations

import logging

from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from mmscm.engine.leaf_datasets import leaf_datasets
from mmscm.registry import HOOKS

SHOWN = 5  # names in a warning


@HOOKS.register_module()
class SkippedImagesHook(Hook):
    """Warn of images that ``skip_bad_images`` left out, of all processes.

    After every epoch in which there were new ones, and at the end: how many
    of how many since the start, and the names of the first.
    """

    def __init__(self) -> None:
        self._known = 0

    def after_train_epoch(self, runner: Runner) -> None:
        """Warn after an epoch.

        Args:
            runner (Runner): The runner that trains.
        """
        self._warn(runner)

    def after_train(self, runner: Runner) -> None:
        """Warn after a training that does not run by epochs.

        Args:
            runner (Runner): The runner that has trained.
        """
        self._warn(runner)

    def _warn(self, runner: Runner) -> None:
        names, total = [], 0
        for dataset in leaf_datasets(runner.train_dataloader.dataset):
            if getattr(dataset, 'skipped', None) is None:
                continue
            flags = dataset.skipped.clone()
            all_reduce(flags, op='max')
            found = flags.nonzero().flatten().tolist()
            names += [dataset.get_data_info(i)['img_path'] for i in found]
            total += len(flags)
        if len(names) > self._known:
            self._known = len(names)
            print_log(
                f'Skipped {len(names)} of {total} training images, which '
                f'cannot be read, the first: {sorted(names)[:SHOWN]}. '
                'tools/check_dataset.py says what is wrong with them.',
                logger='current',
                level=logging.WARNING,
            )
