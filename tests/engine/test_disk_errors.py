"""Folders that cannot be written are named, with the cause."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mmscm.engine.disk_errors import check_writable, naming_full_disks


def failing_with(code):
    def fail(*args):
        raise OSError(code, os.strerror(code))

    return fail


def test_a_folder_is_made_and_left_empty(tmp_path):
    check_writable(tmp_path / 'runs' / 'one')
    assert list((tmp_path / 'runs' / 'one').iterdir()) == []


# root may write where permissions say no, so the system's answer is played
@pytest.mark.parametrize(
    ('code', 'cause'),
    [
        (errno.EROFS, 'Read-only file system'),
        (errno.EACCES, 'Permission denied'),
        (errno.ENOSPC, 'No space left on device'),
    ],
)
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path, monkeypatch, code, cause
):
    monkeypatch.setattr(Path, 'write_bytes', failing_with(code))
    with pytest.raises(OSError, match=cause) as caught:
        check_writable(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / 'run').touch()
    with pytest.raises(OSError, match='Expected a work dir') as caught:
        check_writable(tmp_path / 'run')
    assert str(tmp_path / 'run') in str(caught.value)


@naming_full_disks('runs/one')
def run(error):
    raise error


def test_a_log_that_fills_the_disk_names_the_work_dir():
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OSError, match='--resume auto') as caught:
        run(full)
    assert 'runs/one, but got No space left' in str(caught.value)


def test_other_errors_pass():
    with pytest.raises(FileNotFoundError) as caught:
        run(FileNotFoundError('absent'))
    assert str(caught.value) == 'absent'
