"""Random numbers of a sample follow from seed, epoch and index."""

import itertools
import pickle
import random
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from mmscm.engine.hooks import EpochSeedHook
from mmscm.engine.hooks.epoch_seed import SeededDataset, random_numbers


class Dice(Dataset):
    """Three random numbers a sample, from three generators."""

    metainfo = dict(classes=('a',))

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return [random.random(), np.random.rand(), torch.rand(()).item()]


def seeded(seed=3):
    return SeededDataset(Dice(), seed)


def test_seed_epoch_and_index_alone_give_the_numbers():
    dice = seeded()
    rolls = [dice[4], dice[5], seeded(4)[4]]
    assert dice[4] == seeded()[4] == rolls[0]
    dice.epoch.fill_(1)
    rolls.append(dice[4])
    for one in zip(*rolls, strict=True):
        assert len(set(one)) == len(rolls)


def test_the_numbers_of_the_model_stay_as_they_were():
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    states = random.getstate(), torch.get_rng_state(), np.random.rand()
    np.random.seed(0)
    seeded()[4]
    assert random.getstate() == states[0]
    assert torch.equal(torch.get_rng_state(), states[1])
    assert np.random.rand() == states[2]


@pytest.mark.parametrize('persistent', [False, True])
def test_workers_draw_what_the_process_draws(persistent):
    alone = seeded()
    loader = DataLoader(
        seeded(),
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
    dice = seeded()
    assert dice.metainfo == Dice.metainfo
    assert len(dice) == 6
    with pytest.raises(AttributeError):
        dice.absent  # noqa: B018
    assert pickle.loads(pickle.dumps(dice))[4] == dice[4]


def test_dropout_is_seeded_by_process_and_iteration():
    drawn = set()
    for rank, iteration in itertools.product((0, 1), (0, 1)):
        runner = MagicMock(seed=0, rank=rank, iter=iteration)
        with random_numbers(0):
            EpochSeedHook().before_train_iter(runner, 0)
            drawn.add(torch.rand(()).item())
    assert len(drawn) == 4
