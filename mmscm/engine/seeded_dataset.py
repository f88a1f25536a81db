"""Random numbers of a sample that depend on nothing but the sample."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset


class SeededDataset(Dataset):
    """Another data set, whose random numbers are set for every sample.

    They follow from seed, epoch and index, so that augmentation is the same
    with any number of workers or processes and after an interruption.

    Args:
        dataset (Dataset): What to draw from; its attributes are found here.
        seed (int): Another seed gives other numbers.

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
    """Seed python, numpy and torch's CPU, and take it back afterwards."""
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
