"""Trainings that only a GPU can show; `make gpu-check` runs these."""

import pytest
import torch
from dist_processes import launch
from fragile_training import runner_of, spoil_gradient
from test_dist_training import SHORT
from torch.testing import assert_close
from toy_training import toy_config, train, trained

from mmscm.engine.launch import use_amp

GPUS = torch.cuda.device_count()
pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not GPUS, reason='no GPU')]


@pytest.fixture
def deterministic(monkeypatch):
    monkeypatch.setenv('CUBLAS_WORKSPACE_CONFIG', ':4096:8')
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def train_toy(folder, options, launcher='none', resume=None):
    cfg = toy_config(folder, SHORT | options)
    runner = train(cfg, launcher=launcher, resume=resume)
    if launcher != 'none':
        assert torch.distributed.get_backend() == 'nccl'
    return runner


def test_float16_trains_with_a_loss_scaler(tmp_path):
    cfg = toy_config(tmp_path, SHORT)
    use_amp(cfg)
    cfg.optim_wrapper.loss_scale = 'dynamic'
    runner = train(cfg)
    assert runner.optim_wrapper.loss_scaler.get_scale() > 1
    for name, value in runner.model.named_parameters():
        assert value.isfinite().all(), name


@pytest.mark.parametrize('world', [1, 2])
def test_processes_with_nccl_train_the_weights_of_one(tmp_path, world):
    if world > GPUS:
        pytest.skip(f'{GPUS} GPU')
    batch = {'train_dataloader.batch_size': 4 // world}
    train_toy(tmp_path / 'one', {})
    visible = ','.join(map(str, range(world)))
    args = tmp_path / 'many', batch, 'pytorch'
    launch(train_toy, world, *args, CUDA_VISIBLE_DEVICES=visible)
    states = (trained(tmp_path / run)['state_dict'] for run in ('many', 'one'))
    assert_close(*states, rtol=0, atol=1e-4)


def statistics(folder, world):
    options = {'sync_bn': 'torch', 'train_dataloader.batch_size': 4 // world}
    runner, _ = runner_of(folder, bool, 'pytorch', **options)
    norm = runner.train().module.norm
    assert isinstance(norm, torch.nn.SyncBatchNorm)
    seen = [torch.empty_like(norm.running_mean) for _ in range(world)]
    torch.distributed.all_gather(seen, norm.running_mean)
    assert all(torch.equal(mean, seen[0]) for mean in seen)


@pytest.mark.parametrize('world', [1, 2])
def test_synchronized_batch_norm_has_one_mean(tmp_path, world):
    if world > GPUS:
        pytest.skip(f'{GPUS} GPU')
    visible = ','.join(map(str, range(world)))
    launch(statistics, world, tmp_path, world, CUDA_VISIBLE_DEVICES=visible)


def test_training_stops_before_nan_is_in_the_weights(tmp_path):
    runner, spoil = runner_of(tmp_path, spoil_gradient)
    with pytest.raises(FloatingPointError, match='iteration 5, epoch 2'):
        runner.train()
    assert_close(runner.model.state_dict(), spoil.before, rtol=0, atol=0)


def test_resumed_weights_are_those_of_one_run(tmp_path, deterministic):
    train_toy(tmp_path / 'one', {})
    half = dict(resume=str(tmp_path / 'one' / 'epoch_1.pth'))
    train_toy(tmp_path / 'two', {}, **half)
    states = (trained(tmp_path / run)['state_dict'] for run in ('one', 'two'))
    assert_close(*states, rtol=0, atol=0)
