"""Hooks, workflows, forms and metadata say the same as the Makefile."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / '.github' / 'workflows').glob('*.yml'))
FORMS = sorted((ROOT / '.github' / 'ISSUE_TEMPLATE').glob('[!c]*.yml'))
CONFIG_HOOK = 'configs'  # `make test` runs it as one of the tests
SEMVER = r'(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)'
LINK = re.compile(r'\]\((?!https?:|#)([^)#]+)')


def read(name):
    return yaml.safe_load((ROOT / name).read_text())


def hooks():
    repos = read('.pre-commit-config.yaml')['repos']
    return [(repo, hook) for repo in repos for hook in repo['hooks']]


def steps(workflow):
    jobs = yaml.safe_load(workflow.read_text())['jobs'].values()
    return [step for job in jobs for step in job['steps']]


def targets():
    return re.findall(r'^([a-z]+):', (ROOT / 'Makefile').read_text(), re.M)


def test_pre_commit_runs_the_commands_of_make_lint(tmp_path):
    stamp = tmp_path / '.installed'
    stamp.touch()
    os.utime(stamp, (4e9, 4e9))
    command = ['make', '--no-print-directory', '-n', 'lint', f'STAMP={stamp}']
    printed = subprocess.check_output(command, cwd=ROOT, text=True)
    entries = [h['entry'] for _, h in hooks() if h['id'] != CONFIG_HOOK]
    # pre-commit has no shell of its own to find `*.sh`
    commands = [re.sub(r"^sh -c '(.+)'$", r'\1', entry) for entry in entries]
    assert commands == printed.splitlines()


def test_pre_commit_needs_no_network_and_checks_the_whole_tree():
    for repo, hook in hooks():
        assert repo['repo'] == 'local'
        assert hook['language'] == 'system'
        assert hook['pass_filenames'] is False
        assert '*' not in hook['entry'] or hook['entry'].startswith('sh -c')


def test_pre_commit_checks_the_configs():
    (entry,) = (h['entry'] for _, h in hooks() if h['id'] == CONFIG_HOOK)
    words = shlex.split(entry)
    folder, name = words[words.index('-q') + 1], words[-1]
    tests = ''.join(path.read_text() for path in (ROOT / folder).glob('*.py'))
    assert re.search(rf'def test_\w*{name}', tests)


@pytest.mark.parametrize('workflow', WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_scripts_that_anybody_can_run(workflow):
    commands = [step['run'] for step in steps(workflow) if 'run' in step]
    assert commands
    for command in commands:
        script, *arguments = shlex.split(command)
        assert os.access(ROOT / script, os.X_OK)
        if script == '.ci/run':
            assert set(arguments) <= set(targets())


@pytest.mark.parametrize(
    ('arguments', 'made'),
    [([], ['test']), (['docs', 'wheel'], ['docs', 'wheel'])],
)
def test_continuous_integration_is_make(tmp_path, arguments, made):
    make = tmp_path / 'make'
    make.write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$@"\n')
    make.chmod(0o755)
    done = subprocess.run(
        [ROOT / '.ci' / 'run', *arguments],
        env={'PATH': f'{tmp_path}:{os.environ["PATH"]}'},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [str(ROOT), *made]


def test_the_oldest_python_of_the_package_is_tested():
    text = (ROOT / 'setup.py').read_text()
    oldest = re.search(r"python_requires='>=(.+)'", text).group(1)
    assert f"'{oldest}'" in (ROOT / '.github/workflows/test.yml').read_text()


@pytest.mark.parametrize('form', FORMS, ids=lambda path: path.stem)
def test_a_form_asks_questions_that_have_names(form):
    form = yaml.safe_load(form.read_text())
    assert form['name']
    assert form['description']
    asked = [part for part in form['body'] if part['type'] != 'markdown']
    ids = [part['id'] for part in asked]
    assert len(ids) == len(set(ids))
    assert all(part['attributes']['label'] for part in asked)


def test_the_form_for_results_asks_for_what_explains_most_differences():
    form = read('.github/ISSUE_TEMPLATE/result.yml')
    required = {
        part['id']
        for part in form['body']
        if part.get('validations', {}).get('required')
    }
    assert {'protocol', 'threshold', 'checkpoint'} <= required


def test_the_version_stands_in_one_place():
    text = (ROOT / 'mmscm' / 'version.py').read_text()
    version = re.search(r"__version__ = '(.+)'", text).group(1)
    assert re.fullmatch(SEMVER, version)
    names = ['setup.py', 'pyproject.toml', 'README.md', 'CITATION.cff']
    names += ['mkdocs.yml', 'CONTRIBUTING.md', 'mmscm/__init__.py']
    found = [n for n in names if version in (ROOT / n).read_text()]
    assert not found
    assert 'version' not in read('CITATION.cff')


def test_the_changelog_begins_with_what_is_unreleased():
    text = (ROOT / 'CHANGELOG.md').read_text()
    first, *older = re.findall(r'^## \[(.+?)\]', text, re.M)
    assert first == 'Unreleased'
    assert all(re.fullmatch(SEMVER, version) for version in older)


def test_the_citation_has_the_software_and_the_paper():
    citation = read('CITATION.cff')
    assert {'cff-version', 'message', 'title', 'authors'} <= set(citation)
    assert citation['type'] == 'software'
    paper = citation['preferred-citation']
    assert {'type', 'title', 'authors'} <= set(paper)
    assert paper['authors'][0]['family-names'] == 'Bai'
    assert paper['year'] == 2022


@pytest.mark.parametrize('page', ['CONTRIBUTING.md', 'CODE_OF_CONDUCT.md'])
def test_links_of_a_page_lead_to_files(page):
    links = LINK.findall((ROOT / page).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_contributing_names_targets_that_exist():
    text = (ROOT / 'CONTRIBUTING.md').read_text()
    named = re.findall(r'(?:^|`)make ([a-z]+)', text, re.M)
    assert {'install', 'test', 'coverage', 'wheel'} <= set(named)
    assert set(named) <= set(targets())
