"""Several processes train what one trains with the same images an update."""

from __future__ import annotations

import pytest
import torch
from dist_processes import launch
from dist_runs import BATCH, LR, train_all, trained, weights

BATCH_SIZE = 'train_dataloader.batch_size'
SGD = {
    'optim_wrapper.optimizer': dict(
        _delete_=True, type='SGD', lr=1e-2, momentum=0.9
    )
}
SCALED = {'auto_scale_lr': dict(enable=True, base_batch_size=BATCH // 2)}
WARM_UP = {
    'param_scheduler': [
        dict(type='LinearLR', by_epoch=False, start_factor=0.1, end=24)
    ]
}


def gathered(counts):
    """Updates of ``counts`` batches, with the learning rate scaled."""
    return SCALED | {'optim_wrapper.accumulative_counts': counts}


def assert_same_weights(got, expected):
    torch.testing.assert_close(
        weights(got), weights(expected), rtol=0, atol=1e-6
    )


def first_lr(folder):
    (group,) = trained(folder)['optimizer']['param_groups']
    return group['initial_lr']


@pytest.mark.slow
def test_two_processes_train_the_weights_of_one(tmp_path):
    one, two = tmp_path / 'one', tmp_path / 'two'
    train_all(one, 'none', dict(adamw={}, sgd=SGD, gathered=SCALED))
    half, quarter = ({BATCH_SIZE: BATCH // parts} for parts in (2, 4))
    runs = dict(adamw=half, sgd=SGD | half, gathered=gathered(2) | quarter)
    launch(train_all, 2, two, 'pytorch', runs)
    for name in runs:
        assert_same_weights(two / name, one / name)
    # 4 images an update, a base of 2
    assert first_lr(one / 'gathered') == pytest.approx(2 * LR)
    assert first_lr(two / 'gathered') == pytest.approx(2 * LR)
    assert first_lr(two / 'adamw') == pytest.approx(LR)


@pytest.mark.slow
def test_four_processes_train_the_weights_of_one(tmp_path):
    train_all(tmp_path, 'none', dict(one={}))
    runs = dict(four={BATCH_SIZE: BATCH // 4})
    launch(train_all, 4, tmp_path, 'pytorch', runs)
    assert_same_weights(tmp_path / 'four', tmp_path / 'one')


@pytest.mark.slow
def test_gathered_gradients_are_those_of_the_large_batch(tmp_path):
    small = gathered(4) | {BATCH_SIZE: BATCH // 4}
    runs = dict(large=SCALED, gathered=small, warmed=small | WARM_UP)
    train_all(tmp_path, 'none', runs)
    assert_same_weights(tmp_path / 'gathered', tmp_path / 'large')
    assert first_lr(tmp_path / 'gathered') == pytest.approx(2 * LR)
    # 24 batches made 6 updates
    (group,) = trained(tmp_path / 'warmed')['optimizer']['param_groups']
    assert group['lr'] == pytest.approx(group['initial_lr'])
