"""Order of writing and removing, a full disk, resuming from odd places."""

from __future__ import annotations

import errno
import os

import pytest
from mmengine.runner import Runner
from tiny_runner import tiny_config

from mmscm.apis import build_runner, set_training
from mmscm.engine.checkpoint import load_from_local
from mmscm.engine.hooks.checkpoint import (
    SUPERSEDED,
    CheckpointHook,
    LateRemoval,
)


def config(work_dir, max_epochs=3, **checkpoint):
    cfg = tiny_config(str(work_dir), max_epochs)
    cfg.default_hooks.checkpoint.update(
        type='mmscm.CheckpointHook', max_keep_ckpts=1, **checkpoint
    )
    return cfg


def trained(work_dir, *args, resume=None, **kwargs):
    cfg = config(work_dir, *args, **kwargs)
    cfg.resume, cfg.load_from = resume is not None, resume
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def checkpoints(work_dir):
    return sorted(path.name for path in work_dir.glob('*.pth*'))


@pytest.fixture
def full_disk_at(monkeypatch):
    """Let the n-th checkpoint find no space."""

    def fill(number):
        seen = []

        def fsync(handle):
            seen.append(handle)
            if len(seen) == number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, 'fsync', fsync)

    return fill


def test_one_checkpoint_is_kept(tmp_path):
    trained(tmp_path, save_best=None)
    assert checkpoints(tmp_path) == ['epoch_3.pth']


def test_a_full_disk_leaves_the_checkpoint_before_it(tmp_path, full_disk_at):
    full_disk_at(2)
    with pytest.raises(OSError, match='No space left') as caught:
        trained(tmp_path, save_best=None)
    assert str(tmp_path / 'epoch_2.pth') in str(caught.value)
    assert checkpoints(tmp_path) == ['epoch_1.pth']
    resumed = trained(
        tmp_path, save_best=None, resume=f'{tmp_path}/epoch_1.pth'
    )
    assert resumed.iter == 9


@pytest.fixture
def always_better(monkeypatch):
    """Options by which every epoch is better than the one before."""
    rules = {**CheckpointHook.rule_map, 'greater': lambda new, old: True}
    monkeypatch.setattr(CheckpointHook, 'rule_map', rules)
    return dict(save_best='wsol/samples', rule='greater')


def test_a_full_disk_leaves_the_best_before_it(
    tmp_path, full_disk_at, always_better
):
    # epoch 1, its best, epoch 1 again, epoch 2, its best
    full_disk_at(5)
    with pytest.raises(OSError, match=r'best_wsol_samples_epoch_2\.pth'):
        trained(tmp_path, **always_better)
    assert 'best_wsol_samples_epoch_1.pth' in checkpoints(tmp_path)


def test_the_best_of_another_run_is_not_removed(tmp_path, always_better):
    first, second = tmp_path / 'first', tmp_path / 'second'
    options = always_better
    trained(first, 1, **options)
    # the score of epoch 1 comes with its checkpoint, its file does not
    trained(second, 2, resume=str(first / 'epoch_1.pth'), **options)
    best = 'best_wsol_samples_epoch_{}.pth'
    assert best.format(1) in checkpoints(first)
    assert checkpoints(second) == [best.format(2), 'epoch_2.pth']


def test_what_a_killed_removal_left_is_removed(tmp_path):
    trained(tmp_path, 2, save_best=None)
    path = tmp_path / 'epoch_2.pth'
    assert load_from_local(str(path))[SUPERSEDED] == ['epoch_1.pth']
    for name in ('epoch_1.pth', 'epoch_3.pth.1.tmp'):
        (tmp_path / name).touch()
    trained(tmp_path, 3, save_best=None, resume=str(path))
    assert checkpoints(tmp_path) == ['epoch_3.pth']


def test_only_files_of_the_folder_are_removed(tmp_path):
    outside, inside = tmp_path / 'a.pth', tmp_path / 'run' / 'b.pth'
    inside.parent.mkdir()
    outside.touch()
    inside.touch()
    removal = LateRemoval(tmp_path / 'run')
    removal.remove(str(outside))
    removal.remove(f'{tmp_path}/run/../a.pth')
    removal.remove(str(inside))
    assert inside.exists()
    removal.finish()
    assert outside.exists()
    assert not inside.exists()


def test_a_file_written_meanwhile_is_not_removed(tmp_path):
    path, new = tmp_path / 'a.pth', tmp_path / 'new'
    path.write_text('old')
    new.write_text('new')
    removal = LateRemoval(tmp_path)
    removal.remove(path)
    os.replace(new, path)
    removal.finish()
    assert path.read_text() == 'new'


@pytest.mark.parametrize(
    ('change', 'reason'),
    [
        ({'train_dataloader.batch_size': 2}, 'epoch 1 of 6 iterations each'),
        ({'optim_wrapper.accumulative_counts': 2}, '`accumulative_counts` 2'),
    ],
)
def test_an_inexact_resume_says_why(tmp_path, change, reason):
    trained(tmp_path, 1)
    cfg = config(tmp_path, 2)
    cfg.load_from, cfg.resume = str(tmp_path / 'epoch_1.pth'), True
    cfg.merge_from_dict(change)
    runner = Runner.from_cfg(cfg)
    warnings = []
    runner.logger.warning = warnings.append
    runner.train()
    assert len([text for text in warnings if reason in text]) == 1


def test_auto_without_a_checkpoint_keeps_the_pretrained_weights(tmp_path):
    weights = trained(tmp_path / 'pretraining', 1).model.linear.weight
    cfg = config(tmp_path / 'run')
    cfg.load_from = str(tmp_path / 'pretraining' / 'epoch_1.pth')
    cfg.visualizer = None
    set_training(cfg, resume='auto')
    runner = build_runner(cfg)
    runner.load_or_resume()
    assert runner.model.linear.weight.tolist() == weights.tolist()
