"""``mmscm TOOL`` is ``tools/TOOL``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mmscm.__main__ import find_tools, main

TOOLS = Path(__file__).parents[1] / 'tools'


@pytest.fixture
def command(monkeypatch):
    def run(*args):
        monkeypatch.setattr(sys, 'argv', ['mmscm', *args])
        monkeypatch.setattr(sys, 'path', list(sys.path))
        main()

    return run


@pytest.mark.parametrize('args', [(), ('--help',), ('-h',)])
def test_help_lists_every_tool_with_what_it_does(command, capsys, args):
    command(*args)
    lines = capsys.readouterr().out.splitlines()
    shown = dict(line.split(maxsplit=1) for line in lines[5:])
    assert shown['train'] == 'Train a model'
    assert shown['dist_train'] == 'Train in several processes'
    assert set(shown) == set(find_tools())
    assert all(shown.values())


def test_every_tool_of_the_checkout_is_found():
    scripts = {p.stem for p in TOOLS.glob('*.sh')}
    assert {'train', 'test', 'analysis/report', *scripts} <= set(find_tools())
    assert find_tools()['test'] == TOOLS / 'test.py'


def test_a_python_tool_runs_here_with_its_arguments(command, capsys):
    with suppress(SystemExit):
        command('calibrate', '--help')
    assert 'usage: calibrate.py' in capsys.readouterr().out


def test_a_script_takes_over_and_uses_this_python(command, monkeypatch):
    seen = []
    monkeypatch.setattr(os, 'execvp', lambda *args: seen.append(args))
    monkeypatch.setenv('PYTHON', '')
    monkeypatch.delenv('PYTHON')
    command('dist_train', 'c.py', '8', '--amp')
    script = str(TOOLS / 'dist_train.sh')
    assert seen == [('bash', ['bash', script, 'c.py', '8', '--amp'])]
    assert os.environ['PYTHON'] == sys.executable


def test_an_unknown_tool_is_told_the_nearest(command):
    with pytest.raises(SystemExit, match=r'trian\. Did you mean train'):
        command('trian', 'c.py')
    with pytest.raises(SystemExit, match=r'got xyz\. See mmscm --help'):
        command('xyz')
