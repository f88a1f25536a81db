"""Random numbers of a sample follow from seed, epoch and index."""

from __future__ import annotations

import itertools
import pickle
import random
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
from mmengine.runner import EpochBasedTrainLoop
from torch.utils.data import DataLoader, Dataset

from mmscm.engine.hooks import EpochSeedHook
from mmscm.engine.hooks.epoch_seed import (
    SeededDataset,
    mixed_seed,
    random_numbers,
)


class Dice(Dataset):
    """Three random numbers a sample, from three generators."""

    metainfo = dict(classes=('a',))

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return [random.random(), np.random.rand(), torch.rand(()).item()]


def test_a_sample_of_an_epoch_is_always_the_same():
    dice = SeededDataset(Dice(), seed=3)
    assert dice[4] == dice[4]
    assert SeededDataset(Dice(), seed=3)[4] == dice[4]


def test_index_epoch_and_seed_change_all_numbers():
    dice = SeededDataset(Dice(), seed=3)
    rolls = [dice[4], dice[5], SeededDataset(Dice(), seed=4)[4]]
    dice.epoch.fill_(1)
    rolls.append(dice[4])
    for one in zip(*rolls, strict=True):
        assert len(set(one)) == len(rolls)


def test_the_numbers_of_the_model_stay_as_they_were():
    def next_numbers(between):
        random.seed(0)
        np.random.seed(0)
        torch.manual_seed(0)
        between()
        return Dice()[0]

    dice = SeededDataset(Dice(), seed=3)
    assert next_numbers(lambda: dice[4]) == next_numbers(lambda: None)


@pytest.mark.parametrize('persistent', [False, True])
def test_workers_draw_what_the_process_draws(persistent):
    alone = SeededDataset(Dice(), seed=3)
    loader = DataLoader(
        SeededDataset(Dice(), seed=3),
        batch_size=None,
        num_workers=2,
        persistent_workers=persistent,
        multiprocessing_context='fork',
    )
    for epoch in (0, 1):
        alone.epoch.fill_(epoch)
        loader.dataset.epoch.fill_(epoch)
        assert list(loader) == [alone[index] for index in range(6)]


def test_attributes_of_the_data_set_are_found():
    dice = SeededDataset(Dice(), seed=3)
    assert dice.metainfo == Dice.metainfo
    assert len(dice) == 6
    with pytest.raises(AttributeError):
        dice.absent  # noqa: B018
    assert pickle.loads(pickle.dumps(dice))[4] == dice[4]


def test_mixed_seeds_are_those_of_numpy():
    words = np.random.SeedSequence([26, 3]).generate_state(1)
    assert mixed_seed(26, 3) == words[0]
    assert mixed_seed(26, 3) != mixed_seed(3, 26)


def test_dropout_is_seeded_by_process_and_iteration():
    drawn = set()
    for rank, iteration in itertools.product((0, 1), (0, 1)):
        runner = MagicMock(seed=0, rank=rank, iter=iteration)
        runner.train_loop = MagicMock(spec=EpochBasedTrainLoop)
        with random_numbers(0):
            EpochSeedHook().before_train_iter(runner, 0)
            drawn.add(torch.rand(()).item())
    assert len(drawn) == 4
