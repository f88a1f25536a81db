"""Order of writing and removing, a full disk, wrong arguments."""

import errno
import os

import pytest
from mmengine.runner import Runner
from tiny_runner import tiny_config

from mmscm.engine.checkpoint import replacing
from mmscm.engine.hooks import CheckpointHook

BEST = 'best_wsol_samples_epoch_{}.pth'


def trained(work_dir, max_epochs=3, resume=None, keep=2, **checkpoint):
    cfg = tiny_config(str(work_dir), max_epochs)
    cfg.default_hooks.checkpoint.update(
        type='mmscm.CheckpointHook', max_keep_ckpts=keep, **checkpoint
    )
    cfg.resume, cfg.load_from = resume is not None, resume
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def checkpoints(work_dir):
    return sorted(path.name for path in work_dir.glob('*.pth*'))


@pytest.fixture
def full_disk_at(monkeypatch):
    """Let the n-th file that is written find no space."""

    def fill(number):
        seen = []

        def fsync(handle):
            seen.append(handle)
            if len(seen) == number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, 'fsync', fsync)

    return fill


@pytest.fixture
def always_better(monkeypatch):
    """Options by which every epoch is better than the one before."""
    rules = {**CheckpointHook.rule_map, 'greater': lambda new, old: True}
    monkeypatch.setattr(CheckpointHook, 'rule_map', rules)
    return dict(save_best='wsol/samples', rule='greater')


def test_an_argument_that_mmengine_does_not_know_is_refused_at_once():
    with pytest.raises(TypeError, match='but got save_bst'):
        CheckpointHook(save_bst='wsol/gt_known')


@pytest.mark.parametrize(
    ('keep', 'names'),
    [(1, ['epoch_3.pth']), (2, ['epoch_2.pth', 'epoch_3.pth'])],
)
def test_a_full_disk_leaves_the_checkpoint_before_it(
    tmp_path, full_disk_at, keep, names
):
    full_disk_at(3)
    with pytest.raises(OSError, match='No space left') as caught:
        trained(tmp_path, keep=keep, save_best=None)
    assert str(tmp_path / 'epoch_3.pth') in str(caught.value)
    assert checkpoints(tmp_path) == ['epoch_2.pth']
    path = f'{tmp_path}/epoch_2.pth'
    trained(tmp_path, keep=keep, save_best=None, resume=path)
    assert checkpoints(tmp_path) == names  # as many as asked


def test_a_full_disk_leaves_the_best_before_it(
    tmp_path, full_disk_at, always_better
):
    # epoch 1, its best, epoch 1 again, epoch 2, its best
    full_disk_at(5)
    with pytest.raises(OSError, match=BEST.format(2)):
        trained(tmp_path, **always_better)
    assert BEST.format(1) in checkpoints(tmp_path)


def test_the_best_of_another_run_is_not_removed(tmp_path, always_better):
    first, second = tmp_path / 'first', tmp_path / 'second'
    trained(first, 1, **always_better)
    # the score of epoch 1 comes with its checkpoint, its file does not
    path = str(first / 'epoch_1.pth')
    trained(second, 2, resume=path, **always_better)
    assert BEST.format(1) in checkpoints(first)
    assert checkpoints(second) == [BEST.format(2), 'epoch_2.pth']


def test_several_best_ones_are_kept_apart(tmp_path, always_better):
    best = ['wsol/samples', 'wsol/gt_known']
    trained(tmp_path, 2, **always_better | dict(save_best=best))
    assert checkpoints(tmp_path) == [
        'best_wsol_gt_known_epoch_2.pth',
        BEST.format(2),
        'epoch_1.pth',
        'epoch_2.pth',
    ]


def test_what_a_killed_writing_left_is_removed(tmp_path):
    trained(tmp_path, 1, save_best=None)
    (tmp_path / 'epoch_2.pth.1.tmp').touch()
    (tmp_path / 'notes.tmp').touch()
    path = str(tmp_path / 'epoch_1.pth')
    trained(tmp_path, 2, save_best=None, resume=path)
    assert checkpoints(tmp_path) == ['epoch_1.pth', 'epoch_2.pth']
    assert (tmp_path / 'notes.tmp').exists()


@pytest.mark.parametrize('error', [KeyboardInterrupt, OSError])
def test_an_unfinished_file_leaves_the_old_one(tmp_path, error):
    path = tmp_path / 'epoch_1.pth'
    path.write_bytes(b'old')
    with pytest.raises(error), replacing(path):
        raise error(errno.ENOSPC, 'No space left on device')
    assert path.read_bytes() == b'old'
    assert checkpoints(tmp_path) == ['epoch_1.pth']
