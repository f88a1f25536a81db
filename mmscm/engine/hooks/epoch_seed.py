"""Seed epochs and samples so that a resumed run repeats an unbroken one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from mmengine.hooks import DistSamplerSeedHook
from mmengine.runner import EpochBasedTrainLoop, Runner, set_random_seed
from torch.utils.data import Dataset

from mmscm.registry import HOOKS


@HOOKS.register_module()
class EpochSeedHook(DistSamplerSeedHook):
    """mmengine's DistSamplerSeedHook that seeds more than the sampler.

    mmengine seeds once, at the start, and a worker again with the same
    number whenever it starts: what is random in a resumed epoch is not what
    it would have been. Here the numbers of the model follow from seed and
    iteration, those of a sample from seed, epoch and index.

    Samples of a training that does not run by epochs stay as they are.
    """

    def before_train(self, runner: Runner) -> None:
        """Put the seeds before the samples, before workers start."""
        loader = runner.train_dataloader
        by_epoch = isinstance(runner.train_loop, EpochBasedTrainLoop)
        if by_epoch and not isinstance(loader.dataset, SeededDataset):
            seeded = SeededDataset(loader.dataset, runner.seed)
            # the loader refuses `loader.dataset = seeded` once it is built
            vars(loader)['dataset'] = seeded

    def before_train_epoch(self, runner: Runner) -> None:
        """Set sampler and samples to the epoch."""
        super().before_train_epoch(runner)
        dataset = runner.train_dataloader.dataset
        if isinstance(dataset, SeededDataset):
            dataset.epoch.fill_(runner.epoch)

    def before_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Seed the model; starting workers takes numbers, and not always."""
        # dropout in another process is of other images
        numbers = (runner.seed, runner.iter, runner.rank)
        set_random_seed(mixed_seed(*numbers))


class SeededDataset(Dataset):
    """Another data set, whose random numbers are set for every sample.

    They follow from seed, epoch and index, so that augmentation is the same
    with any number of workers or processes and after an interruption. Other
    attributes are those of the data set.

    Attributes:
        epoch (Tensor): To be set before an epoch, shape (), int64. Its
            memory is shared with workers that outlive an epoch.
    """

    def __init__(self, dataset: Dataset, seed: int) -> None:
        self.dataset = dataset
        self.seed = seed
        self.epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        with random_numbers(mixed_seed(self.seed, int(self.epoch), index)):
            return self.dataset[index]

    def __getattr__(self, name: str) -> Any:
        # unpickling asks before there is a data set
        if name == 'dataset' or name.startswith('__'):
            raise AttributeError(name)
        return getattr(self.dataset, name)


def mixed_seed(*numbers: int) -> int:
    """One seed below 2^32 from several numbers, none of them negative."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


@contextmanager
def random_numbers(seed: int) -> Iterator[None]:
    """Temporarily seed Python, NumPy and torch (CPU)."""
    python, numpy = random.getstate(), np.random.get_state()
    cpu = torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(cpu)
