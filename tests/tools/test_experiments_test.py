"""tools/experiments/test.py keeps results of other weights apart."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / 'tools' / 'experiments' / 'test.py'


@pytest.mark.parametrize(
    'arguments', [['--last'], ['--cfg-options', 'a=1', '--folder', 'test']]
)
def test_another_folder_is_asked_for(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', [str(TOOL), 'plan.py', *arguments])
    with pytest.raises(SystemExit, match='2'):
        runpy.run_path(str(TOOL), run_name='__main__')
    assert 'Expected --folder' in capsys.readouterr().err
