"""A process that fails ends the run, and the run says which and why."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import torch
import torch.distributed as dist
from dist_processes import free_port, launch
from dist_scripts import finish, start, tiny_file
from mmengine.config import Config

from mmscm.engine.launch import prepare

TIMEOUT = 3  # seconds


@pytest.mark.slow
@pytest.mark.parametrize(
    ('how', 'cause'),
    [
        ('raise', 'ValueError: the disk of process 1 is full'),
        ('kill', 'Signal 9 (SIGKILL)'),
    ],
)
def test_the_failure_of_a_process_ends_the_run_and_is_shown(
    tmp_path, how, cause
):
    config = tiny_file(tmp_path, dict(type='FailingHook', how=how))
    args = (config, 2, '--work-dir', tmp_path / 'run')
    code, output = finish(start('dist_train.sh', *args, PORT=free_port()))
    assert code != 0
    _, root_cause = output.split('Root Cause (first observed failure):')
    assert 'rank      : 1 (local_rank: 1)' in root_cause
    assert cause in root_cause


def _wait_for_a_silent_process():
    env_cfg = dict(dist_cfg=dict(timeout=TIMEOUT))
    prepare(Config(dict(env_cfg=env_cfg)), 'pytorch')
    assert dist.distributed_c10d.default_pg_timeout > timedelta(minutes=5)
    if dist.get_rank() == 1:
        time.sleep(4 * TIMEOUT)
        return
    with pytest.raises(RuntimeError, match=r'[Tt]imed out'):
        dist.all_reduce(torch.zeros(1))


@pytest.mark.slow
def test_a_silent_process_is_not_waited_for_beyond_the_time_out():
    launch(_wait_for_a_silent_process, 2, limit=200)
