"""What changes in a config and the environment without a GPU."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from tiny_runner import tiny_config

from mmscm.engine import launch
from mmscm.engine.cpu_amp import CPUAmpOptimWrapper
from mmscm.engine.launch import (
    count_accumulated,
    init_gloo,
    prepare,
    use_amp,
)

TORCHRUN = dict(RANK='1', LOCAL_RANK='1', WORLD_SIZE='2', MASTER_ADDR='::1')
SLURM = {
    'SLURM_PROCID': '0',
    'SLURM_LOCALID': '0',
    'SLURM_NTASKS': '1',
    'SLURM_NODELIST': 'node[1-2]',
}


@pytest.fixture
def started(monkeypatch):
    """The arguments of every process group that is started."""
    calls = []
    monkeypatch.setattr(
        launch.dist,
        'init_process_group',
        lambda *args, **kwargs: calls.append((*args, *kwargs.values())),
    )
    monkeypatch.setattr(launch, 'get_device', lambda: 'cpu')
    monkeypatch.setattr(os, 'environ', dict(PATH=os.environ['PATH']))
    return calls


def test_a_batch_of_nothing_is_refused():
    cfg = Config(dict(val_dataloader=dict(batch_size=0)))
    with pytest.raises(ValueError, match=r'`val_dataloader\.batch_size` of 1'):
        prepare(cfg)


def test_a_single_process_needs_no_group(started):
    cfg = Config({})
    prepare(cfg, 'none')
    assert started == []
    assert 'model_wrapper_cfg' not in cfg


def test_torchrun_on_the_cpu_starts_gloo_and_wraps_without_device(started):
    os.environ.update(TORCHRUN)
    cfg = Config(dict(find_unused_parameters=True))
    prepare(cfg, 'pytorch')
    assert started == [('gloo',)]
    assert cfg.model_wrapper_cfg.device_ids is None
    assert cfg.model_wrapper_cfg.find_unused_parameters is True
    assert os.environ['MASTER_PORT'] == '29500'


def test_slurm_variables_become_those_of_torch(started):
    os.environ.update(SLURM, MASTER_ADDR='node1')
    init_gloo('slurm')
    assert started == [('gloo',)]
    assert (os.environ['RANK'], os.environ['WORLD_SIZE']) == ('0', '1')


def test_slurm_asks_scontrol_for_the_first_node(started, monkeypatch):
    os.environ.update(SLURM)
    monkeypatch.setattr(
        launch.subprocess, 'check_output', lambda *_, **__: 'node1\nnode2\n'
    )
    init_gloo('slurm')
    assert os.environ['MASTER_ADDR'] == 'node1'


def test_a_gpu_is_left_to_mmengine(started, monkeypatch):
    monkeypatch.setattr(launch, 'get_device', lambda: 'cuda')
    cfg = Config({})
    prepare(cfg, 'pytorch')
    assert started == []
    assert cfg.launcher == 'pytorch'


def test_missing_variables_and_launchers_are_named(started):
    with pytest.raises(OSError, match='RANK'):
        prepare(Config({}), 'pytorch')
    with pytest.raises(ValueError, match="'ray'"):
        prepare(Config({}), 'ray')


@pytest.mark.parametrize(
    ('device', 'kind'),
    [('cpu', 'mmscm.CPUAmpOptimWrapper'), ('cuda', 'AmpOptimWrapper')],
)
def test_amp_follows_the_device(monkeypatch, device, kind):
    monkeypatch.setattr(launch, 'get_device', lambda: device)
    cfg = Config(dict(optim_wrapper=dict(type='OptimWrapper')))
    use_amp(cfg)
    use_amp(cfg)
    assert cfg.optim_wrapper.type == kind


def test_amp_refuses_a_wrapper_it_would_drop():
    cfg = Config(dict(optim_wrapper=dict(type='ApexOptimWrapper')))
    with pytest.raises(ValueError, match='ApexOptimWrapper'):
        use_amp(cfg)


def test_cpu_amp_multiplies_in_bfloat16():
    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    wrapper = CPUAmpOptimWrapper(optimizer=optimizer)
    with wrapper.optim_context(layer):
        assert layer(torch.ones(1, 2)).dtype == torch.bfloat16
    assert layer(torch.ones(1, 2)).dtype == torch.float32


def test_runner_trains_with_cpu_amp(tmp_path):
    cfg = tiny_config(str(tmp_path), max_epochs=1)
    cfg.optim_wrapper.type = 'mmscm.CPUAmpOptimWrapper'
    runner = Runner.from_cfg(cfg)
    before = runner.model.linear.weight.detach().clone()
    runner.train()
    assert isinstance(runner.optim_wrapper, CPUAmpOptimWrapper)
    assert runner.model.linear.weight.dtype == torch.float32
    assert not torch.equal(before, runner.model.linear.weight)


def test_the_time_out_of_the_config_is_that_of_the_group(started):
    os.environ.update(TORCHRUN)
    prepare(Config(dict(env_cfg=dict(dist_cfg=dict(timeout=90)))), 'pytorch')
    assert started == [('gloo', timedelta(seconds=90))]


def test_sync_bn_without_gpus_is_refused(started):
    with pytest.raises(ValueError, match="GPUs for `sync_bn`, but got 'tor"):
        prepare(Config(dict(sync_bn='torch')), 'pytorch')
    prepare(Config(dict(sync_bn='torch')))  # one process


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
