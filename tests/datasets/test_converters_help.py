"""What the converters say of themselves."""

from __future__ import annotations

import re
import runpy
import sys

import pytest
from converter_runs import FOLDER


@pytest.mark.parametrize(
    'name', sorted(path.stem for path in FOLDER.glob('[a-z]*.py'))
)
def test_help_begins_with_what_is_made(name, monkeypatch, capsys):
    path = str(FOLDER / f'{name}.py')
    monkeypatch.setattr(sys, 'argv', [path, '--help'])
    with pytest.raises(SystemExit, match='0'):
        runpy.run_path(path, run_name='__main__')
    _usage, first, *_ = capsys.readouterr().out.split('\n\n')
    assert re.fullmatch(r'(Make|Write|Build) [^\n]+\.', first)
