"""A tool whose data is missing ends at once and says where it looked."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.runner import Runner

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / 'configs/scm/deit-s_cub.py'
# place in the config, and what it says there
TRAIN = r'CUB_200_2011: Expected the folder for `train_dataloader\.dataset\.'
VAL = r'data: Expected the folder for `val_dataloader\.dataset\.data_root`'
TEST = r'CUB_200_2011: Expected the folder for `test_dataloader\.dataset\.'


@pytest.fixture
def tool(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr('mmscm.apis.runner.find_spec', lambda name: None)
    (tmp_path / 'weights.pth').touch()

    def run(name, *args):
        monkeypatch.setattr(sys, 'argv', [name, str(CONFIG), *args])
        runpy.run_path(str(ROOT / 'tools' / name), run_name='__main__')

    return run


@pytest.mark.parametrize(
    ('name', 'args', 'message'),
    [
        ('train.py', (), TRAIN),
        ('test.py', ('weights.pth',), TEST),
        ('calibrate.py', ('weights.pth',), VAL),
    ],
)
def test_the_error_comes_before_the_model(
    tool, tmp_path, monkeypatch, name, args, message
):
    monkeypatch.setattr(Runner, 'from_cfg', None)
    with pytest.raises(FileNotFoundError, match=message):
        tool(name, *args)
    assert not (tmp_path / 'work_dirs').exists()


@pytest.mark.slow
def test_training_without_data_exits_with_the_message(tmp_path):
    ended = subprocess.run(
        [sys.executable, ROOT / 'tools/train.py', CONFIG],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().endswith(
        f'{tmp_path.resolve()}/data/CUB_200_2011: Expected the folder for '
        "`train_dataloader.dataset.data_root`, which is 'data/CUB_200_2011/', "
        'but there is none. The section on data of the README says where to '
        'get it.'
    )
    assert not list(tmp_path.iterdir())
