"""Hooks, workflows and metadata say the same as the Makefile."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / '.github' / 'workflows').glob('*.yml'))
TARGETS = re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(), re.M)
CONFIG_HOOK = 'configs'  # `make test` runs it as one of the tests


def read(name):
    return yaml.safe_load((ROOT / name).read_text())


def test_pre_commit_runs_the_commands_of_make_lint(tmp_path):
    stamps = tmp_path / 'installed', tmp_path / 'developer'
    for stamp in stamps:
        stamp.touch()
        os.utime(stamp, (4e9, 4e9))
    command = ['make', '--no-print-directory', '-n', 'lint']
    command += [f'STAMP={stamps[0]}', f'DEV={stamps[1]}']
    printed = subprocess.check_output(command, cwd=ROOT, text=True)
    (repo,) = read('.pre-commit-config.yaml')['repos']
    hooks = {hook['id']: hook['entry'] for hook in repo['hooks']}
    words = shlex.split(hooks.pop(CONFIG_HOOK))
    # pre-commit has no shell of its own to find `*.sh`
    entries = [re.sub(r"^sh -c '(.+)'$", r'\1', e) for e in hooks.values()]
    assert entries == printed.splitlines()
    assert (ROOT / words[words.index('-q') + 1]).is_dir()


@pytest.mark.parametrize('workflow', WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_scripts_that_anybody_can_run(workflow):
    jobs = yaml.safe_load(workflow.read_text())['jobs'].values()
    commands = [s['run'] for job in jobs for s in job['steps'] if 'run' in s]
    assert commands
    for command in commands:
        script, *arguments = shlex.split(command)
        assert os.access(ROOT / script, os.X_OK)
        if script == '.ci/run':
            assert set(arguments) <= set(TARGETS)


def test_the_oldest_python_of_the_package_is_tested():
    text = (ROOT / 'setup.py').read_text()
    oldest = re.search(r"python_requires='>=(.+)'", text).group(1)
    assert f"'{oldest}'" in (ROOT / '.github/workflows/test.yml').read_text()


def test_the_version_stands_in_one_place():
    text = (ROOT / 'mmscm' / 'version.py').read_text()
    version = re.search(r"__version__ = '(.+)'", text).group(1)
    names = ['setup.py', 'pyproject.toml', 'README.md', 'CITATION.cff']
    names += ['mkdocs.yml', 'CONTRIBUTING.md', 'mmscm/__init__.py']
    found = [n for n in names if version in (ROOT / n).read_text()]
    assert not found


def test_contributing_names_targets_that_exist():
    text = (ROOT / 'CONTRIBUTING.md').read_text()
    named = re.findall(r'(?:^|`)make ([a-z-]+)', text, re.M)
    assert {'lint', 'test', 'coverage', 'wheel'} <= set(named)
    assert set(named) <= set(TARGETS)
