"""What changes in a config and the environment without a GPU."""

import os
from datetime import timedelta

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from tiny_runner import tiny_config

from mmscm.engine import launch
from mmscm.engine.launch import CPUAmpOptimWrapper, init_gloo, prepare, use_amp

TORCHRUN = dict(RANK='1', LOCAL_RANK='1', WORLD_SIZE='2', MASTER_ADDR='::1')


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


def test_a_single_process_needs_no_group(started):
    cfg = Config(dict(optim_wrapper=None, sync_bn='torch'))
    prepare(cfg, 'none')
    assert started == []
    assert 'model_wrapper_cfg' not in cfg


def test_torchrun_on_the_cpu_starts_gloo_and_wraps_without_device(started):
    os.environ.update(TORCHRUN)
    timeout = dict(dist_cfg=dict(timeout=90))
    cfg = Config(dict(find_unused_parameters=True, env_cfg=timeout))
    prepare(cfg, 'pytorch')
    assert started == [('gloo', timedelta(seconds=90))]
    assert cfg.model_wrapper_cfg.device_ids is None
    assert cfg.model_wrapper_cfg.find_unused_parameters is True
    assert os.environ['MASTER_PORT'] == '29500'


def test_slurm_variables_become_those_of_torch(started, monkeypatch):
    task = dict(PROCID='0', LOCALID='0', NTASKS='1', NODELIST='node[1-2]')
    os.environ.update({f'SLURM_{name}': value for name, value in task.items()})
    monkeypatch.setattr(
        launch.subprocess, 'check_output', lambda *_, **__: 'node1\nnode2\n'
    )
    init_gloo('slurm')
    assert started == [('gloo',)]
    assert (os.environ['RANK'], os.environ['WORLD_SIZE']) == ('0', '1')
    assert os.environ['MASTER_ADDR'] == 'node1'


def test_a_gpu_is_left_to_mmengine(started, monkeypatch):
    monkeypatch.setattr(launch, 'get_device', lambda: 'cuda')
    cfg = Config({})
    prepare(cfg, 'pytorch')
    assert started == []
    assert cfg.launcher == 'pytorch'


NO_BATCH = r'`val_dataloader\.batch_size` of 1 or more, but got 0'


@pytest.mark.parametrize(
    ('cfg', 'launcher', 'message'),
    [
        ({}, 'pytorch', 'Expected RANK, LOCAL_RANK, .* with launcher'),
        ({}, 'ray', "'ray'"),
        (dict(sync_bn='torch'), 'pytorch', "for `sync_bn`, but got 'torch'"),
        (dict(val_dataloader=dict(batch_size=0)), 'none', NO_BATCH),
    ],
)
def test_what_cannot_run_here_is_named(started, cfg, launcher, message):
    with pytest.raises((OSError, ValueError), match=message):
        prepare(Config(cfg), launcher)


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


def test_cpu_amp_multiplies_in_bfloat16_and_trains_in_single(tmp_path):
    cfg = tiny_config(str(tmp_path), max_epochs=1)
    cfg.optim_wrapper.type = 'mmscm.CPUAmpOptimWrapper'
    runner = Runner.from_cfg(cfg)
    seen = set()
    layer = runner.model.linear
    layer.register_forward_hook(lambda *args: seen.add(args[2].dtype))
    before = layer.weight.detach().clone()
    runner.train()
    assert isinstance(runner.optim_wrapper, CPUAmpOptimWrapper)
    assert torch.bfloat16 in seen  # and float32 in the validation
    assert layer.weight.dtype == torch.float32
    assert not torch.equal(before, layer.weight)


@pytest.mark.parametrize(
    ('counts', 'enable', 'base'), [(1, True, 256), (4, True, 64), (4, 0, 256)]
)
def test_accumulated_batches_count_when_the_learning_rate_is_scaled(
    counts, enable, base
):
    scaled = dict(base_batch_size=256, enable=enable)
    gathered = dict(accumulative_counts=counts)
    cfg = Config(dict(optim_wrapper=gathered, auto_scale_lr=scaled))
    prepare(cfg)
    assert cfg.auto_scale_lr.base_batch_size == base


def test_workers_persist_where_there_are_any_and_memory_is_pinned_for_a_gpu():
    train = dict(persistent_workers=True, pin_memory=True)
    val = dict(persistent_workers=True, num_workers=1)
    cfg = Config(dict(train_dataloader=train, val_dataloader=val))
    prepare(cfg)
    assert cfg.train_dataloader.persistent_workers is False
    assert cfg.train_dataloader.pin_memory == torch.cuda.is_available()
    assert cfg.val_dataloader.persistent_workers is True
