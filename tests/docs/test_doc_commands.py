"""Every command of README.md and docs/ runs, or its options exist."""

import argparse
import runpy
import sys
from pathlib import Path

import pytest
from doc_blocks import ROOT, Command, all_commands, fences, pages, saved_files
from doc_checkout import PLACEHOLDERS

from mmscm import list_models
from mmscm.__main__ import find_tools, whole_name
from mmscm.apis import load_config

# tests/datasets has miniature archives for the pages on data
DATA_PAGES = 'docs/data/'
RUN_ELSEWHERE = {
    'make demo': 'tests/tools/test_demo.py, with fewer images',
    'make test': 'runs this',
    'make install': 'made the environment of this test',
    '. .venv/bin/activate': 'its Python is the one of this test',
}
SPLITS = ('train', 'val', 'test')
LEAN = [f'{split}_dataloader.num_workers=0' for split in SPLITS]
LEAN += ['train_dataloader.batch_size=4']
FEW = [f'{split}_dataloader.dataset.length=4' for split in SPLITS]
ONE = ['train_cfg.max_epochs=1']  # many CPUs are slow in bfloat16
ONE += [
    f'train_dataloader.{key}=1' for key in ('dataset.length', 'batch_size')
]
TAKE_OPTIONS = {f'tools/{n}.py' for n in ('train', 'test', 'calibrate')}
TAKE_OPTIONS.add('tools/check_dataset.py')
SCRIPTS = {  # of a shell script: its Python tool, and what is left out
    'tools/dist_train.sh': ('tools/train.py', (1,)),
    'tools/dist_test.sh': ('tools/test.py', (2,)),
    'tools/slurm_train.sh': ('tools/train.py', (0, 1)),
    'tools/slurm_test.sh': ('tools/test.py', (0, 1)),
}
CHECKED = all_commands('shell-data', 'shell-long', 'shell-serves', 'indented')
KINDS = {f'shell{kind}' for kind in ('', '-data', '-long', '-serves')}


def by_page() -> dict[str, list[Command]]:
    """A command may use what the one above it wrote."""
    found: dict[str, list[Command]] = {}
    for command in all_commands('shell'):
        if str(command) in RUN_ELSEWHERE:
            continue
        if not command.page.startswith(DATA_PAGES):
            found.setdefault(command.page, []).append(command)
    return found


def tool_of(words: list[str]) -> list[str]:
    """A command as a Python tool and its arguments; [] if it is none."""
    if words[0] == 'mmscm':
        tools = find_tools()
        name = whole_name(words[1], tools)
        tool = tools[name].relative_to(ROOT).as_posix()
        words = [tool, *words[2:]]
    if words[0] == 'python':
        words = words[1:]
    if words[:2] == ['-m', 'torch.distributed.run']:
        words = words[[w.endswith('.py') for w in words].index(True) :]
    if words[0] in SCRIPTS:
        tool, dropped = SCRIPTS[words[0]]
        kept = [w for i, w in enumerate(words[1:]) if i not in dropped]
        words = [tool, *kept]
    words = [PLACEHOLDERS.get(word, word) for word in words]
    return words if words[0].endswith('.py') else []


def made_lean(words: list[str]) -> list[str]:
    """With settings of seconds instead of hours."""
    if words[0] not in TAKE_OPTIONS:
        return words
    more = [] if '--cfg-options' in words else ['--cfg-options']
    more += LEAN + (FEW if '_toy' in words[1] else [])
    return words + more + (ONE if '--amp' in words else [])


@pytest.mark.slow
@pytest.mark.parametrize(
    'page', [pytest.param(c, id=page) for page, c in by_page().items()]
)
def test_commands_of_a_page_run_as_printed(page, checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    for command in page:
        words = tool_of(command.words)
        assert words, f'{command}: no tool, so mark it or run it elsewhere.'
        if 'onnx' in str(command):
            pytest.importorskip('onnxruntime')
            pytest.importorskip('onnxscript')
        monkeypatch.setattr(sys, 'argv', made_lean(words))
        monkeypatch.syspath_prepend(str(Path(words[0]).parent.resolve()))
        assert not status_of(words[0]), command
        if '--out' in words:
            assert Path(words[words.index('--out') + 1]).exists(), command


def status_of(tool: str) -> object:
    try:
        runpy.run_path(tool, run_name='__main__')
    except SystemExit as end:
        return end.code
    return None


class Parsed(Exception):
    """Ends a tool once it knows its arguments."""


@pytest.mark.parametrize('command', CHECKED, ids=str)
def test_files_and_options_of_marked_commands_exist(command, monkeypatch):
    for word in command.words:
        if word.startswith(('configs/', 'tools/', 'requirements/')):
            assert word in saved_files() or (ROOT / word).exists(), word
    words = tool_of(command.words)
    if not words:
        return
    real = argparse.ArgumentParser.parse_args

    def stop(self, *args, **kwargs):
        raise Parsed(real(self, *args, **kwargs))

    monkeypatch.setattr(argparse.ArgumentParser, 'parse_args', stop)
    monkeypatch.setattr(sys, 'argv', words)
    monkeypatch.syspath_prepend(str((ROOT / words[0]).parent))
    with pytest.raises(Parsed) as caught:
        runpy.run_path(str(ROOT / words[0]), run_name='__main__')
    (args,) = caught.value.args
    config = getattr(args, 'config', None) or '$'
    if '$' not in config and config not in saved_files() | set(list_models()):
        options = getattr(args, 'cfg_options', None)
        assert load_config(ROOT / config, options=options)


def test_every_shell_block_says_how_it_is_checked():
    for path in pages():
        kinds = {kind for kind, _ in fences(path)}
        assert not kinds & {'bash', 'sh', 'console', ''}, path
        assert {k for k in kinds if k.startswith('shell')} <= KINDS, path
