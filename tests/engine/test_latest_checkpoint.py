"""Which checkpoint a training resumes from, with small files."""

from __future__ import annotations

import os
import shutil

import pytest
import torch

from mmscm.engine.latest_checkpoint import latest_checkpoint


@pytest.fixture
def work_dir(tmp_path):
    """Three epochs in order; the host's pointer names the last."""
    folder = tmp_path / 'run'
    folder.mkdir()
    for epoch in (1, 2, 10):
        path = folder / f'epoch_{epoch}.pth'
        torch.save({'state_dict': {'weight': torch.ones(9)}}, path)
        os.utime(path, (epoch, epoch))
    point_to(folder, folder / 'epoch_10.pth')
    return folder


def point_to(folder, path):
    (folder / 'last_checkpoint').write_text(str(path))


def damage(path):
    time = path.stat().st_mtime
    path.write_bytes(path.read_bytes()[:-100])
    os.utime(path, (time, time))


def test_the_last_is_taken(work_dir):
    assert latest_checkpoint(work_dir) == str(work_dir / 'epoch_10.pth')


def test_the_pointer_counts_not_the_number(work_dir):
    point_to(work_dir, work_dir / 'epoch_2.pth')  # a run begun anew
    assert latest_checkpoint(work_dir) == str(work_dir / 'epoch_2.pth')


def test_a_damaged_one_is_named_and_the_one_before_taken(work_dir, capfd):
    damage(work_dir / 'epoch_10.pth')
    assert latest_checkpoint(work_dir) == str(work_dir / 'epoch_2.pth')
    damage(work_dir / 'epoch_2.pth')
    assert latest_checkpoint(work_dir) == str(work_dir / 'epoch_1.pth')
    assert str(work_dir / 'epoch_10.pth') in ''.join(capfd.readouterr())


@pytest.mark.parametrize('content', ['', '\0\0\0', '/no/where/epoch_3.pth'])
def test_without_a_pointer_the_newest_is_taken(work_dir, content):
    (work_dir / 'last_checkpoint').write_text(content)
    assert latest_checkpoint(work_dir) == str(work_dir / 'epoch_10.pth')
    (work_dir / 'last_checkpoint').unlink()
    assert latest_checkpoint(work_dir) == str(work_dir / 'epoch_10.pth')


def test_a_copied_work_dir_resumes_from_its_own(work_dir, tmp_path):
    copy = tmp_path / 'copy'
    shutil.copytree(work_dir, copy)
    assert latest_checkpoint(copy) == str(copy / 'epoch_10.pth')
    (copy / 'epoch_10.pth').unlink()
    assert latest_checkpoint(copy) == str(copy / 'epoch_2.pth')


def test_a_name_of_another_form_is_found_by_the_pointer(work_dir):
    (work_dir / 'epoch_10.pth').rename(work_dir / 'run-10.pth')
    point_to(work_dir, work_dir / 'run-10.pth')
    assert latest_checkpoint(work_dir) == str(work_dir / 'run-10.pth')


def test_checkpoints_elsewhere_are_found_by_the_pointer(work_dir, tmp_path):
    logs = tmp_path / 'logs'
    logs.mkdir()
    point_to(logs, work_dir / 'epoch_2.pth')
    assert latest_checkpoint(logs) == str(work_dir / 'epoch_2.pth')
    damage(work_dir / 'epoch_2.pth')
    assert latest_checkpoint(logs) == str(work_dir / 'epoch_10.pth')


def test_best_and_published_and_unfinished_ones_are_no_candidates(work_dir):
    for name in ('best_epoch_3.pth', 'epoch_3-0a1b.pth', 'epoch_3.pth.9.tmp'):
        shutil.copy(work_dir / 'epoch_10.pth', work_dir / name)
    (work_dir / 'epoch_10.pth').unlink()
    assert latest_checkpoint(work_dir) == str(work_dir / 'epoch_2.pth')


def test_an_empty_or_absent_work_dir_has_none(tmp_path):
    assert latest_checkpoint(tmp_path) is None
    assert latest_checkpoint(tmp_path / 'absent') is None


def test_only_damaged_ones_are_an_error(work_dir):
    for path in work_dir.glob('*.pth'):
        damage(path)
    with pytest.raises(RuntimeError, match='damaged ones only') as caught:
        latest_checkpoint(work_dir)
    for name in ('epoch_1.pth', 'epoch_2.pth', 'epoch_10.pth'):
        assert name in str(caught.value)
