"""A file is the old one or the new one; left-overs are found."""

from __future__ import annotations

import errno
import os

import pytest

from mmscm.engine.atomic_files import (
    AtomicLocalBackend,
    remove_unfinished,
    replacing,
)


@pytest.fixture
def full_disk(monkeypatch):
    def refuse(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, 'fsync', refuse)


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    path.write_bytes(b'old')
    AtomicLocalBackend().put(b'new', str(path))
    assert path.read_bytes() == b'new'
    assert [file.name for file in tmp_path.iterdir()] == ['epoch_1.pth']


def test_folders_are_made(tmp_path):
    AtomicLocalBackend().put(b'new', str(tmp_path / 'a' / 'b' / 'c.pth'))
    assert (tmp_path / 'a' / 'b' / 'c.pth').read_bytes() == b'new'


def test_a_full_disk_is_named_and_the_old_file_stays(full_disk, tmp_path):
    path = tmp_path / 'epoch_1.pth'
    path.write_bytes(b'old')
    with pytest.raises(OSError, match='No space left') as caught:
        AtomicLocalBackend().put(b'new', str(path))
    assert str(path) in str(caught.value)
    assert path.read_bytes() == b'old'
    assert [file.name for file in tmp_path.iterdir()] == ['epoch_1.pth']


def test_an_interrupt_leaves_the_old_file(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    path.write_bytes(b'old')
    with pytest.raises(KeyboardInterrupt), replacing(path):
        raise KeyboardInterrupt
    assert path.read_bytes() == b'old'
    assert [file.name for file in tmp_path.iterdir()] == ['epoch_1.pth']


def test_only_unfinished_checkpoints_are_removed(tmp_path):
    for name in ('epoch_1.pth', 'epoch_2.pth.77.tmp', 'notes.tmp'):
        (tmp_path / name).touch()
    removed = remove_unfinished(tmp_path)
    assert [path.name for path in removed] == ['epoch_2.pth.77.tmp']
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ['epoch_1.pth', 'notes.tmp']
