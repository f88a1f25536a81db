"""``mmscm TOOL`` is ``tools/TOOL``."""

import logging
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from mmengine.logging import MMLogger
from tiny_runner import tiny_config

from mmscm.__main__ import find_tools, main
from mmscm.console import is_news
from mmscm.version import __version__

TOOLS = Path(__file__).parents[1] / 'tools'
TOY = 'scm/vit-micro_toy'


@pytest.fixture
def command(monkeypatch):
    monkeypatch.setattr(os, 'register_at_fork', lambda **_: None)

    def run(*args):
        monkeypatch.setattr(sys, 'argv', ['mmscm', *args])
        monkeypatch.setitem(sys.modules, '__main__', None)
        monkeypatch.setattr(MMLogger, '__init__', MMLogger.__init__)
        monkeypatch.setattr(sys, 'path', list(sys.path))
        main()

    return run


@pytest.mark.parametrize('args', [(), ('--help',), ('-h',)])
def test_help_lists_every_tool_with_what_it_does(command, capsys, args):
    command(*args)
    lines = capsys.readouterr().out.splitlines()
    shown = dict(line.split(maxsplit=1) for line in lines if line[:2] == '  ')
    assert shown['train'] == 'Train a model'
    assert shown['dist_train'] == 'Train in several processes'
    assert set(shown) == set(find_tools())
    assert all(shown.values())


def test_every_tool_of_the_checkout_is_found():
    scripts = {p.stem for p in TOOLS.glob('*.sh')}
    assert {'train', 'test', 'analysis/report', *scripts} <= set(find_tools())
    assert find_tools()['test'] == TOOLS / 'test.py'


def test_help_and_version_import_no_framework():
    code = """
import sys
from mmscm.__main__ import main
main()
assert not {'torch', 'mmengine', 'mmcv'} & {*sys.modules}
"""
    for option in ('--help', '--version'):
        command = [sys.executable, '-c', code, option]
        out = subprocess.run(command, capture_output=True, check=True).stdout
    assert out.decode() == f'mmscm {__version__}\n'


def test_the_help_of_a_tool_imports_no_framework():
    code = """
import sys
from contextlib import suppress
from mmscm.__main__ import find_tools, main
for tool, path in find_tools().items():
    if path.suffix == '.py':
        sys.argv = ['mmscm', tool, '--help']
        with suppress(SystemExit):
            main()
        heavy = {'torch', 'mmengine', 'mmcv', 'numpy'} & {*sys.modules}
        assert not heavy, f'{tool} imports {heavy}'
"""
    command = [sys.executable, '-c', code]
    out = subprocess.run(command, capture_output=True, check=True).stdout
    tools = [p for p in find_tools().values() if p.suffix == '.py']
    assert out.decode().count('usage: mmscm') == len(tools)


@pytest.mark.parametrize('name', ['select_masks', 'analysis/select_masks'])
def test_a_python_tool_runs_here_under_the_name_of_the_command(
    command, capsys, name
):
    with suppress(SystemExit):
        command(name, '--help')
    assert 'usage: mmscm select_masks' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('config', 'option', 'kind', 'said'),
    [
        ('scm/vit-micro_to', 'a=1', ValueError, "mean 'scm_vit-micro_toy'"),
        (TOY, 'model.neck.type=A', KeyError, 'A is not in the'),
        (TOY, 'model.neck.lamda=1', TypeError, "argument 'lamda'"),
        (TOY, 'load_from=a.pth', FileNotFoundError, 'a.pth'),
    ],
)
def test_a_mistake_is_a_line_unless_its_traceback_is_asked_for(
    command, tmp_path, config, option, kind, said
):
    words = ['train', config, '--work-dir', str(tmp_path)]
    words += ['--cfg-options', option, 'train_dataloader.num_workers=0']
    with pytest.raises(SystemExit) as caught:
        command(*words)
    assert said in caught.value.code
    assert '\n' not in caught.value.code
    with pytest.raises(kind):
        command(*words, '--traceback')


@pytest.mark.parametrize(
    ('message', 'shown'),
    [
        ('"FileClient" will be deprecated in future.', False),
        ('\n-----\nSystem environment:\n  Python: 3', False),
        ('PxAP [wsoleval]: px_ap 9.39', False),
        ('Epoch(val) [1][2/2]  wsol/gt_known: 11', True),
        ('wsol/gt_known: 39 % of the boxes are the whole image', True),
    ],
)
def test_the_terminal_has_news_only(message, shown):
    record = logging.makeLogRecord({'msg': message})
    assert is_news(record) is shown


@pytest.mark.parametrize('given', [[], ['--resume', 'auto']])
def test_an_interrupted_training_says_how_to_go_on(
    command, monkeypatch, capsys, given
):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr('mmscm.apis.load_config', interrupt)
    with pytest.raises(SystemExit, match='130'):
        command('train', 'c.py', '--work-dir', 'a b', *given)
    ending = ' '.join(given or ['--resume'])
    shown = capsys.readouterr().err
    assert shown.endswith(f"mmscm train c.py --work-dir 'a b' {ending}\n")


def test_workers_leave_an_interrupt_to_the_process_that_has_them(
    command, monkeypatch
):
    seen = {}
    monkeypatch.setattr(os, 'register_at_fork', seen.update)
    with suppress(SystemExit):
        command('select_masks', '--help')
    before = signal.getsignal(signal.SIGINT)
    seen['after_in_child']()
    now = signal.signal(signal.SIGINT, before)
    assert now is signal.SIG_IGN


def test_a_training_begins_in_fifteen_lines(command, tmp_path, capsys):
    config, work_dir = tmp_path / 'tiny.py', tmp_path / 'run'
    cfg = tiny_config('unused', max_epochs=1)
    cfg.custom_imports = dict(imports='tiny_runner')
    cfg.default_hooks.logger = dict(type='LoggerHook', interval=1)
    cfg.dump(config)
    command('train', str(config), '--work-dir', str(work_dir))
    before, *_ = capsys.readouterr().out.partition('Epoch(train)')
    assert before.count('\n') < 15
    assert 'Config:' not in before
    (log,) = work_dir.rglob('*.log')
    for part in ('System environment', 'Config:', 'Hooks will be executed'):
        assert part in log.read_text()


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
