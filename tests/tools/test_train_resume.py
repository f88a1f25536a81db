"""``tools/train.py --resume`` in its three forms, and a process killed."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from tiny_runner import tiny_config

from mmscm.engine.checkpoint import read_checkpoint

ROOT = Path(__file__).parents[2]
TRAIN = str(ROOT / 'tools' / 'train.py')


@pytest.fixture
def config(tmp_path):
    cfg = tiny_config(str(tmp_path / 'run'), max_epochs=3)
    cfg.custom_imports = dict(imports='tiny_runner')
    cfg.default_hooks.checkpoint.type = 'mmscm.CheckpointHook'
    cfg.default_hooks.sampler_seed = dict(type='mmscm.EpochSeedHook')
    cfg.train_dataloader.sampler.shuffle = True
    cfg.dump(tmp_path / 'config.py')
    return str(tmp_path / 'config.py')


def run(monkeypatch, *args):
    monkeypatch.setattr(sys, 'argv', [TRAIN, *map(str, args)])
    runpy.run_path(TRAIN, run_name='__main__')


def logged(folder):
    """All that trainings below a folder logged.

    Runs that begin in the same second share the first one's logger.
    """
    return ''.join(path.read_text() for path in folder.rglob('*.log'))


def weight(work_dir, epoch=3):
    read = read_checkpoint(str(work_dir / f'epoch_{epoch}.pth'))
    return read['state_dict']['linear.weight']


@pytest.fixture
def begun(config, tmp_path, monkeypatch):
    """A work dir whose third epoch is lost, and that epoch's weights."""
    work_dir = tmp_path / 'begun'
    run(monkeypatch, config, '--work-dir', work_dir)
    expected = weight(work_dir)
    (work_dir / 'epoch_3.pth').unlink()
    (work_dir / 'last_checkpoint').write_text(str(work_dir / 'epoch_2.pth'))
    return work_dir, expected


@pytest.mark.parametrize('value', [[], ['auto']])
def test_resume_finds_the_last_checkpoint(config, begun, monkeypatch, value):
    work_dir, expected = begun
    run(monkeypatch, config, '--work-dir', work_dir, '--resume', *value)
    assert torch.equal(weight(work_dir), expected)
    assert 'resumed epoch: 2, iter: 6' in logged(work_dir)


def test_resume_takes_a_path(config, begun, tmp_path, monkeypatch):
    work_dir, expected = begun
    path, other = work_dir / 'epoch_1.pth', tmp_path / 'other'
    run(monkeypatch, config, '--work-dir', other, '--resume', path)
    assert torch.equal(weight(other), expected)
    assert 'resumed epoch: 1, iter: 3' in logged(tmp_path)


def test_a_damaged_path_is_an_error_that_names_it(config, begun, monkeypatch):
    work_dir, _ = begun
    path = work_dir / 'epoch_2.pth'
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(RuntimeError, match='is damaged') as caught:
        run(monkeypatch, config, '--work-dir', work_dir, '--resume', path)
    assert str(path) in str(caught.value)


def test_auto_passes_a_damaged_one(config, begun, monkeypatch):
    work_dir, expected = begun
    path = work_dir / 'epoch_2.pth'
    path.write_bytes(path.read_bytes()[:-50])
    run(monkeypatch, config, '--work-dir', work_dir, '--resume')
    assert torch.equal(weight(work_dir), expected)
    assert 'resumed epoch: 1, iter: 3' in logged(work_dir)


def start(config, work_dir):
    """The tool in a process of its own."""
    command = [sys.executable, TRAIN, config, '--resume', 'auto']
    folders = [str(ROOT / 'tests'), os.environ.get('PYTHONPATH', '')]
    settings = dict(
        PYTHONPATH=os.pathsep.join(folders), CUDA_VISIBLE_DEVICES=''
    )
    return subprocess.Popen(
        [*command, '--work-dir', str(work_dir)],
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.slow
def test_a_process_killed_from_outside_ends_the_same(config, begun, tmp_path):
    work_dir, expected = tmp_path / 'killed', begun[1]
    process = start(config, work_dir)
    while not (work_dir / 'epoch_1.pth').exists() and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (work_dir / 'epoch_3.pth').exists()
    assert start(config, work_dir).wait() == 0
    assert torch.equal(weight(work_dir), expected)
