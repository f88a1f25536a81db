"""A training killed anywhere ends as if nothing had happened.

Every case forks, kills the child with SIGKILL at one point and resumes.
"""

from __future__ import annotations

import os
import random
import signal

import pytest
from mmengine.hooks import Hook
from toy_training import (
    EPOCHS,
    ITERATIONS,
    assert_same_end,
    files_of,
    in_child,
    train,
)

KILLED = -signal.SIGKILL


class Kill(Hook):
    """SIGKILL at the n-th iteration of a training or of its validations."""

    def __init__(self, train=-1, val=-1):
        self.left = dict(train=train, val=val)

    def before_train_iter(self, *args, **kwargs):
        self.count('train')

    def before_val_iter(self, *args, **kwargs):
        self.count('val')

    def count(self, what):
        if self.left[what] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left[what] -= 1


def train_and_die_in(call, number, work_dir):
    """Die half way through or just after the n-th checkpoint's writing."""
    real, seen = getattr(os, call), []

    def deadly(*args):
        seen.append(args)
        if call == 'replace':
            real(*args)
        if len(seen) == number:
            if call == 'fsync':
                os.ftruncate(args[0], os.fstat(args[0]).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(os, call, deadly)
    train(work_dir)


@pytest.fixture(scope='module')
def uninterrupted(tmp_path_factory):
    work_dir = tmp_path_factory.mktemp('uninterrupted')
    train(work_dir)  # not in a child, so that these find all imported
    assert len(files_of(work_dir)) == 3  # two epochs and the best
    return work_dir


def resumes_to(work_dir, uninterrupted, **options):
    assert in_child(train, work_dir, resume='auto', **options) == 0
    assert_same_end(work_dir, uninterrupted)


@pytest.mark.slow
def test_killed_in_an_iteration_with_two_workers(uninterrupted, tmp_path):
    number = random.randrange(EPOCHS * ITERATIONS)
    print(f'iteration {number}')
    workers = dict(train_dataloader__num_workers=2)
    died = in_child(train, tmp_path, Kill(train=number), **workers)
    assert died == KILLED
    resumes_to(tmp_path, uninterrupted, **workers)


@pytest.mark.slow
def test_killed_in_the_last_validation(uninterrupted, tmp_path):
    in_third = 2 * 2 + 1  # two iterations a validation
    assert in_child(train, tmp_path, Kill(val=in_third)) == KILLED
    resumes_to(tmp_path, uninterrupted)


# the writes: epoch 1, its best, epoch 1 again with the best score, epoch 2 ...
@pytest.mark.slow
@pytest.mark.parametrize(('call', 'number'), [('fsync', 4), ('replace', 5)])
def test_killed_while_a_checkpoint_is_written(
    uninterrupted, tmp_path, call, number
):
    died = in_child(train_and_die_in, call, number, tmp_path)
    assert died == KILLED
    left = {name for name in files_of(tmp_path) if name.endswith('.tmp')}
    assert len(left) == (call == 'fsync')
    resumes_to(tmp_path, uninterrupted)
