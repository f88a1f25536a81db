"""Find the principal axis of every class before DDT localizes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import torch
from mmengine.dataset import default_collate
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

from mmscm.registry import DATASETS, HOOKS
from mmscm.weights import bare

if TYPE_CHECKING:
    from mmscm.functional.principal_axis import Moments


@HOOKS.register_module()
class FitDDTHook(Hook):
    """Gathers mean and covariance of one class after the other.

    One D x D matrix is kept, however many images a class has. Classes
    without images localize the whole image.

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
        self.loading = dict(batch_size=batch_size, num_workers=num_workers)

    def before_test(self, runner: Runner) -> None:
        """Fit the axes."""
        dataset = runner.test_dataloader.dataset
        if self.dataset is not None:
            dataset = DATASETS.build(self.dataset)
        self.fit(bare(runner.model), dataset)

    @torch.no_grad()
    def fit(self, model: nn.Module, dataset: Dataset) -> None:
        """Set the axes of a DDTLocalizer by a set with ``gt_label``."""
        model.eval()
        images = defaultdict(list)
        for index in range(len(dataset)):
            images[int(dataset.get_data_info(index)['gt_label'])].append(index)
        for label, indices in images.items():
            moments = self._moments(model, Subset(dataset, indices))
            model.means[label], model.axes[label] = moments.axis()
        print_log(
            f'DDT: axes of {len(images)} classes from {len(dataset)} images',
            logger='current',
        )

    def _moments(self, model: nn.Module, images: Subset) -> Moments:
        """Mean and covariance of the features of a class."""
        # with numba, which takes 60 MB that `import mmscm` would pay for
        from mmscm.functional.principal_axis import Moments

        moments = Moments(model.means.shape[1], model.means.device)
        loader = DataLoader(images, collate_fn=default_collate, **self.loading)
        for batch in loader:
            inputs = model.data_preprocessor(batch)['inputs']
            moments.add(model.extract_feat(inputs)[-1].movedim(1, -1))
        return moments
