"""Several processes train what one trains with the same images an update."""

import os
from functools import partial

import pytest
import torch
from dist_processes import launch
from fragile_training import runner_of
from mmengine.config import Config
from toy_training import BATCH, CONFIGS, toy_config, train, trained

LR = 5e-5  # paper; where a gradient is rounding, AdamW goes such a step
SHORT = {
    'optim_wrapper.optimizer.lr': LR,
    # gradients that are rounding only stay small steps
    'optim_wrapper.optimizer.eps': 1e-6,
    'param_scheduler': [dict(type='MultiStepLR', milestones=[1])],
    **dict.fromkeys(('val_dataloader', 'val_cfg', 'val_evaluator')),
    'default_hooks.checkpoint.save_best': None,
    'train_cfg.max_epochs': 2,
}
PARTS = {n: {'train_dataloader.batch_size': BATCH // n} for n in (2, 4)}
SCALED = {'auto_scale_lr': dict(enable=True, base_batch_size=BATCH // 2)}
WARM_UP = dict(type='LinearLR', by_epoch=False, start_factor=0.1, end=24)
SYNC = Config.fromfile(CONFIGS / 'scm' / 'conformer-s_cub.py').custom_hooks
same = partial(torch.testing.assert_close, rtol=0, atol=1e-6)


def gathered(counts):
    """Updates of ``counts`` batches, with the learning rate scaled."""
    return SCALED | {'optim_wrapper.accumulative_counts': counts}


def train_all(folder, launcher, runs):
    """Train one model after another in this process group."""
    for name, options in runs.items():
        train(toy_config(folder / name, SHORT | options), launcher=launcher)


def weights(folder):
    """Weights but for the biases of keys.

    softmax does not change when a number is added to all scores of a query,
    so that gradient is zero but for rounding, of which AdamW makes steps.
    """
    state = trained(folder)['state_dict']
    for name in [name for name in state if name.endswith('qkv.bias')]:
        query, _, value = state.pop(name).chunk(3)
        state |= {f'{name}[q]': query, f'{name}[v]': value}
    return state


def lrs(folder):
    """Learning rate of the config, scaled, and that of the last update."""
    (group,) = trained(folder)['optimizer']['param_groups']
    return group['initial_lr'], group['lr']


@pytest.fixture(scope='module')
def one(tmp_path_factory):
    folder = tmp_path_factory.mktemp('one')
    train_all(folder, 'none', dict(plain={}, scaled=SCALED))
    assert lrs(folder / 'scaled')[0] == pytest.approx(2 * LR)
    return folder


@pytest.mark.slow
def test_two_processes_train_the_weights_of_one(one, tmp_path):
    runs = dict(plain=PARTS[2], scaled=gathered(2) | PARTS[4])
    launch(train_all, 2, tmp_path, 'pytorch', runs)
    for name in runs:
        same(weights(tmp_path / name), weights(one / name))
        assert lrs(tmp_path / name) == pytest.approx(lrs(one / name))


@pytest.mark.slow
def test_four_processes_train_the_weights_of_one(one, tmp_path):
    launch(train_all, 4, tmp_path, 'pytorch', dict(plain=PARTS[4]))
    same(weights(tmp_path / 'plain'), weights(one / 'plain'))


@pytest.mark.slow
def test_gathered_gradients_are_those_of_the_large_batch(one, tmp_path):
    small, warmed = gathered(4) | PARTS[4], {'param_scheduler': [WARM_UP]}
    train_all(tmp_path, 'none', dict(gathered=small, warmed=small | warmed))
    same(weights(tmp_path / 'gathered'), weights(one / 'scaled'))
    assert lrs(tmp_path / 'gathered') == pytest.approx(lrs(one / 'scaled'))
    # 24 batches made 6 updates
    first, last = lrs(tmp_path / 'warmed')
    assert last == pytest.approx(first)


def train_with_batch_norm(folder, hooks):
    """Train and write the statistics of every process."""
    runner, _ = runner_of(folder, bool, 'pytorch', custom_hooks=hooks)
    buffers = dict(runner.train().module.norm.named_buffers())
    torch.save(buffers, folder / f'rank_{os.environ["RANK"]}.pth')


def train_with_both(folder):
    train_with_batch_norm(folder / 'with', SYNC)
    train_with_batch_norm(folder / 'without', [])


@pytest.mark.slow
def test_the_configs_hook_makes_the_statistics_of_all_processes_one(tmp_path):
    launch(train_with_both, 2, tmp_path)
    for run, equal in (('with', True), ('without', False)):
        folder = tmp_path / run
        first, second = (torch.load(folder / f'rank_{i}.pth') for i in (0, 1))
        assert first['num_batches_tracked'] == 6
        mean = first['running_mean']
        saved = trained(folder)['state_dict']
        assert torch.equal(mean, second['running_mean']) == equal
        assert torch.equal(mean, saved['norm.running_mean'])
