"""Batches of pairs of a class."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.config import ConfigDict
from mmengine.runner import Runner
from torch.utils.data import Dataset

from mmscm.datasets import PairedClassSampler, paired_sampler

LABELS = np.array([0, 1, 2, 0, 1, 0, 1, 0, 1, 0, 3])  # 5, 4, 1 and 1


def sampler(labels=LABELS, seed=0):
    dataset = SimpleNamespace(get_gt_labels=lambda: labels)
    return PairedClassSampler(dataset, seed)


def test_neighbours_have_one_class_and_every_image_comes():
    drawn = list(sampler())
    assert len(drawn) == len(sampler()) == 14
    pairs = LABELS[np.reshape(drawn, (-1, 2))]
    assert (pairs[:, 0] == pairs[:, 1]).all()
    counts = Counter(drawn)
    assert set(counts) == set(range(11))
    # the odd ones come twice: one of class 0, and 2 and 10 with themselves
    assert counts[2] == counts[10] == 2
    assert sum(count == 2 for count in counts.values()) == 3


def test_classes_give_their_pairs_in_turn():
    labels = np.arange(60) % 6  # 5 pairs of each class
    turns = labels[np.reshape(list(sampler(labels)), (5, 6, 2))][..., 0]
    assert all(len(set(turn)) == 6 for turn in turns)
    assert len({tuple(turn) for turn in turns}) > 1


def test_an_epoch_repeats_itself_and_the_next_is_another():
    first, again, other = sampler(), sampler(), sampler(seed=1)
    assert list(first) == list(again) != list(other)
    again.set_epoch(1)
    assert list(first) != list(again)


@pytest.mark.parametrize('world', [2, 3])
def test_processes_share_the_pairs_of_one(world, monkeypatch):
    whole, parts = np.reshape(list(sampler()), (-1, 2)), []
    for rank in range(world):
        monkeypatch.setattr(
            paired_sampler, 'get_dist_info', lambda rank=rank: (rank, world)
        )
        parts.append(np.reshape(list(sampler()), (-1, 2)))
        assert 2 * len(parts[-1]) == len(sampler())
    joined = np.stack(parts, 1).reshape(-1, 2)
    assert (joined[: len(whole)] == whole).all()
    assert (joined[len(whole) :] == whole[: len(joined) - len(whole)]).all()


class Labels(Dataset):
    def __len__(self):
        return len(LABELS)

    def __getitem__(self, index):
        return index

    def get_gt_labels(self):
        return LABELS


def test_a_config_builds_it_with_the_seed_of_the_run():
    sampler = ConfigDict(dict(type='mmscm.PairedClassSampler'))
    cfg = dict(batch_size=4, num_workers=0, sampler=sampler, dataset=Labels())
    loader = Runner.build_dataloader(cfg, seed=5)
    batches = [LABELS[batch].tolist() for batch in loader]
    assert loader.sampler.seed == 5
    assert all(batch[::2] == batch[1::2] for batch in batches)
