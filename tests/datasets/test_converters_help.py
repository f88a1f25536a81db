"""What the converters say of themselves."""

from __future__ import annotations

import re

import pytest
from converter_runs import FOLDER, run_converter


@pytest.mark.parametrize(
    'name', sorted(path.stem for path in FOLDER.glob('*.py'))
)
def test_help_begins_with_what_is_made(name, monkeypatch, capsys):
    with pytest.raises(SystemExit, match='0'):
        run_converter(monkeypatch, name, '--help')
    _usage, first, *_ = capsys.readouterr().out.split('\n\n')
    assert re.fullmatch(r'(Make|Write|Build) [^\n]+\.', first)
