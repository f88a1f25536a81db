"""Draw two images of a class one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from mmpretrain.datasets import BaseDataset
from torch.utils.data import Sampler

from mmscm.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class PairedClassSampler(Sampler):
    """Every image once an epoch, in pairs of a class (I2C, ECCV 2020).

    Each class gives a pair in turn, in random order, so that a batch has as
    many classes as it can. The last image of an odd class has its first one
    as a partner. Pairs are dealt to the processes in turn: together they see
    in a step what one with their batch sees.

    Differs from the released code, which draws without an end: images of
    rare classes come more often there.

    Args:
        dataset (BaseDataset): With labels.
        seed (int, optional): By default one that all processes share.
    """

    def __init__(self, dataset: BaseDataset, seed: int | None = None) -> None:
        self.rank, self.world_size = get_dist_info()
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        labels = np.asarray(dataset.get_gt_labels())
        starts = np.unique(np.sort(labels), return_index=True)[1]
        self.classes = np.split(labels.argsort(kind='stable'), starts[1:])
        pairs = sum((len(members) + 1) // 2 for members in self.classes)
        self.num_pairs = -(-pairs // self.world_size)  # of each process

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng([self.seed, self.epoch])
        pairs, rounds = [], []
        for members in self.classes:
            order = random.permutation(members)
            order = np.append(order, order[: len(order) % 2]).reshape(-1, 2)
            pairs.append(order)
            rounds.append(np.arange(len(order)))
        turns = np.concatenate(rounds)
        order = np.lexsort((random.random(len(turns)), turns))
        total = self.num_pairs * self.world_size
        dealt = np.resize(np.concatenate(pairs)[order], (total, 2))
        return iter(dealt[self.rank :: self.world_size].flatten().tolist())

    def __len__(self) -> int:
        return 2 * self.num_pairs

    def set_epoch(self, epoch: int) -> None:
        """Draw other pairs; called before an epoch."""
        self.epoch = epoch
