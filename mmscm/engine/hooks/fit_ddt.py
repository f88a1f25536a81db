"""Find the principal axis of every class before DDT localizes."""

from __future__ import annotations

from collections import defaultdict

from mmengine.dataset import default_collate
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

from mmscm.registry import DATASETS, HOOKS
from mmscm.weights import bare


@HOOKS.register_module()
class FitDDTHook(Hook):
    """Shows a DDTLocalizer the images of one class after the other.

    Args:
        dataset (dict, optional): Images with labels that the axes are of.
            Default are those that are localized, as in the paper.
        batch_size (int): Images at once.
        num_workers (int): Processes that load them.
    """

    def __init__(
        self,
        dataset: dict | None = None,
        batch_size: int = 32,
        num_workers: int = 2,
    ) -> None:
        self.dataset = dataset
        self.loading = dict(
            batch_size=batch_size,
            num_workers=num_workers,
            collate_fn=default_collate,
        )

    def before_test(self, runner: Runner) -> None:
        """Fit the axes."""
        dataset = runner.test_dataloader.dataset
        if self.dataset is not None:
            dataset = DATASETS.build(self.dataset)
        self.fit(bare(runner.model), dataset)

    def fit(self, model: nn.Module, dataset: Dataset) -> None:
        """Set the axes of a DDTLocalizer by a set with ``gt_label``."""
        model.eval()
        images = defaultdict(list)
        for index in range(len(dataset)):
            images[int(dataset.get_data_info(index)['gt_label'])].append(index)
        for label, indices in images.items():
            model.fit(
                label, DataLoader(Subset(dataset, indices), **self.loading)
            )
        print_log(
            f'DDT: axes of {len(images)} classes from {len(dataset)} images',
            logger='current',
        )
