"""What launching makes of time-out, SyncBN and accumulated batches."""

from __future__ import annotations

import itertools
import os
from datetime import timedelta
from unittest.mock import MagicMock

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import EpochBasedTrainLoop

from mmscm.engine import EpochSeedHook, launch
from mmscm.engine.hooks.epoch_seed import random_numbers
from mmscm.engine.launch import count_accumulated

TORCHRUN = dict(RANK='0', LOCAL_RANK='0', WORLD_SIZE='1', MASTER_ADDR='::1')


@pytest.fixture
def groups(monkeypatch):
    """The keywords of every process group that is started."""
    calls = []
    monkeypatch.setattr(launch, 'get_device', lambda: 'cpu')
    monkeypatch.setattr(
        launch.dist, 'init_process_group', lambda _, **kw: calls.append(kw)
    )
    monkeypatch.setattr(os, 'environ', dict(os.environ, **TORCHRUN))
    return calls


def with_timeout(seconds):
    return Config(dict(env_cfg=dict(dist_cfg=dict(timeout=seconds))))


def test_the_time_out_of_the_config_is_that_of_the_group(groups):
    launch.prepare(with_timeout(90), 'pytorch')
    assert groups == [dict(timeout=timedelta(seconds=90))]


def test_sync_bn_without_gpus_is_refused(groups):
    with pytest.raises(ValueError, match="GPUs for `sync_bn`, but got 'tor"):
        launch.prepare(Config(dict(sync_bn='torch')), 'pytorch')
    launch.prepare(Config(dict(sync_bn='torch')))  # one process


def accumulating(counts, enable=True):
    return Config(
        dict(
            optim_wrapper=dict(accumulative_counts=counts),
            auto_scale_lr=dict(base_batch_size=256, enable=enable),
        )
    )


@pytest.mark.parametrize(
    ('counts', 'enable', 'base'), [(1, True, 256), (4, True, 64), (4, 0, 256)]
)
def test_accumulated_batches_count_when_the_learning_rate_is_scaled(
    counts, enable, base
):
    cfg = accumulating(counts, enable)
    count_accumulated(cfg)
    assert cfg.auto_scale_lr.base_batch_size == base


def test_a_config_without_training_has_nothing_to_scale():
    count_accumulated(Config(dict(optim_wrapper=None)))


def test_dropout_is_seeded_by_process_and_iteration():
    drawn = set()
    for rank, iteration in itertools.product((0, 1), (0, 1)):
        runner = MagicMock(seed=0, rank=rank, iter=iteration)
        runner.train_loop = MagicMock(spec=EpochBasedTrainLoop)
        with random_numbers(0):
            EpochSeedHook().before_train_iter(runner, 0)
            drawn.add(torch.rand(()).item())
    assert len(drawn) == 4
