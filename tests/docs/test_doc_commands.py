"""Every command of README.md and docs/ runs, or its options exist."""

from __future__ import annotations

import argparse
import runpy
import shlex
import sys

import pytest
from doc_blocks import (
    ROOT,
    Command,
    all_commands,
    commands,
    fences,
    pages,
    saved_files,
)
from doc_checkout import PLACEHOLDERS, write_checkout

from mmscm import list_models
from mmscm.__main__ import find_tools
from mmscm.apis import load_config

# Who runs the commands of a page, if not this file.
RUN_BY = {
    'docs/tutorials/': 'tests/docs/test_tutorials.py',
    'docs/data/': 'tests/datasets/test_data_pages.py',
}
RUN_ELSEWHERE = {
    'make demo': 'tests/tools/test_demo.py, with fewer images',
    'make test': 'runs this',
    'make install': 'made the environment of this test',
    '. .venv/bin/activate': 'its Python is the one of this test',
}
SPLITS = ('train', 'val', 'test')
FEW = [
    'train_dataloader.batch_size=4',
    *(f'{split}_dataloader.num_workers=0' for split in SPLITS),
    *(f'{split}_dataloader.dataset.length=4' for split in SPLITS),
]
TAKES_OPTIONS = (
    'tools/train.py',
    'tools/test.py',
    'tools/calibrate.py',
    'tools/check_dataset.py',
)
SCRIPTS = {  # of a shell script: its Python tool, and what is left out
    'tools/dist_train.sh': ('tools/train.py', (1,)),
    'tools/dist_test.sh': ('tools/test.py', (2,)),
    'tools/slurm_train.sh': ('tools/train.py', (0, 1)),
    'tools/slurm_test.sh': ('tools/test.py', (0, 1)),
}
RUN_HERE = [
    command
    for command in all_commands('shell')
    if not command.page.startswith(tuple(RUN_BY))
    and str(command) not in RUN_ELSEWHERE
]
CHECKED = all_commands('shell-data', 'shell-long', 'shell-serves', 'indented')


def tool_of(words: list[str]) -> list[str]:
    """A command as a Python tool and its arguments; [] if it is none."""
    if words[0] == 'mmscm':
        tool = find_tools()[words[1]].relative_to(ROOT).as_posix()
        words = [tool, *words[2:]]
    if words[0] == 'python':
        words = words[1:]
    if words[:2] == ['-m', 'torch.distributed.run']:
        words = words[[w.endswith('.py') for w in words].index(True) :]
    if words[0] in SCRIPTS:
        tool, dropped = SCRIPTS[words[0]]
        kept = [w for i, w in enumerate(words[1:]) if i not in dropped]
        assert (ROOT / words[0]).is_file()
        words = [tool, *kept]
    return words if words[0].endswith('.py') else []


def filled_in(words: list[str]) -> list[str]:
    return [PLACEHOLDERS.get(word, word) for word in words]


def made_lean(words: list[str]) -> list[str]:
    """With settings of seconds instead of hours."""
    few = FEW if words[0] in TAKES_OPTIONS else []
    if few and '--cfg-options' not in words:
        few = ['--cfg-options', *few]
    return words + few


@pytest.fixture(scope='module')
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp('checkout')
    write_checkout(folder)
    return folder


def runs_in_page_order() -> list:
    """One parameter a page: a command may use what the one above wrote."""
    by_page: dict[str, list[Command]] = {}
    for command in RUN_HERE:
        by_page.setdefault(command.page, []).append(command)
    return [pytest.param(found, id=page) for page, found in by_page.items()]


@pytest.mark.slow
@pytest.mark.parametrize('page', runs_in_page_order())
def test_commands_of_a_page_run_as_printed(page, checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    for command in page:
        words = filled_in(tool_of(command.words))
        assert words, f'{command}: no tool, so mark it or run it elsewhere.'
        words = made_lean(words)
        monkeypatch.setattr(sys, 'argv', words)
        run(words[0])


def run(tool: str) -> None:
    status = None
    try:
        runpy.run_path(tool, run_name='__main__')
    except SystemExit as end:
        status = end.code
    assert not status, f'{tool} ended with {status}.'


class Parsed(Exception):
    """Ends a tool once it knows its arguments."""


def parse(words: list[str], monkeypatch) -> argparse.Namespace:
    """The arguments as the tool itself reads them."""
    real = argparse.ArgumentParser.parse_args

    def stop(self, *args, **kwargs):
        raise Parsed(real(self, *args, **kwargs))

    monkeypatch.setattr(argparse.ArgumentParser, 'parse_args', stop)
    monkeypatch.setattr(sys, 'argv', words)
    with pytest.raises(Parsed) as caught:
        runpy.run_path(str(ROOT / words[0]), run_name='__main__')
    return caught.value.args[0]


@pytest.mark.parametrize('command', CHECKED, ids=str)
def test_files_and_options_of_marked_commands_exist(command, monkeypatch):
    words = command.words
    for word in words:
        if word.startswith(('configs/', 'tools/', 'requirements/')):
            assert word in saved_files() or (ROOT / word).exists(), word
    words = filled_in(tool_of(words))
    if not words:
        return
    args = parse(words, monkeypatch)
    config = getattr(args, 'config', None)
    if config is None or config in saved_files() | set(list_models()):
        return
    options = getattr(args, 'cfg_options', None)
    assert load_config(ROOT / config, options=options)


@pytest.mark.parametrize(
    'path', pages(), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_every_shell_block_says_how_it_is_checked(path):
    kinds = {kind for kind, _ in fences(path)}
    assert not kinds & {'bash', 'sh', 'console', ''}
    assert {k for k in kinds if k.startswith('shell')} <= {
        'shell',
        'shell-data',
        'shell-long',
        'shell-serves',
    }


@pytest.mark.parametrize('folder', RUN_BY)
def test_pages_that_others_run_are_known_to_them(folder):
    text = (ROOT / RUN_BY[folder]).read_text()
    for path in (ROOT / folder).glob('*.md'):
        if any(command.kind == 'shell' for command in commands(path)):
            assert f"'{path.stem}'" in text, path


def test_commands_in_comments_and_over_lines_are_read_as_one():
    command = Command('page', 'shell', 'A=1 python tools/x.py a  b  # c')
    assert command.words == shlex.split('python tools/x.py a b')
    readme = [c.words[0] for c in commands(ROOT / 'README.md')]
    assert readme.count('make') >= 1
