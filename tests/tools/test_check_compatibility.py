"""tools/check_compatibility.sh, with a stand-in for Python and pip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# `-m venv` makes an environment of stand-ins, `-m pytest` says how it was
STAND_IN = """#!/usr/bin/env bash
if [[ $2 == venv ]]; then
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    printf '#!/usr/bin/env bash\\n%s\\n' "$PIP" >"$3/bin/pip"
    chmod +x "$3/bin/pip"
elif [[ $2 == pytest ]]; then
    echo "FAILED tests/one.py::$*"
    echo '1 failed, 2 passed'
    exit 1
else
    exec {python} "$@"
fi
"""


@pytest.fixture
def check(tmp_path):
    if not (ROOT / '.git').exists():
        pytest.skip('the tool tests a commit')
    stand_in = tmp_path / 'python3'
    stand_in.write_text(STAND_IN.replace('{python}', sys.executable))
    stand_in.chmod(0o755)

    def run(*arguments, pip='[ $1 != freeze ] || echo torch==1.2.3'):
        path = f'{tmp_path}:{os.environ["PATH"]}'
        env = dict(PATH=path, PYTHON_OLDEST=str(stand_in), PIP=pip)
        command = 'bash', ROOT / 'tools/check_compatibility.sh', *arguments
        return subprocess.run(
            command, env=os.environ | env, capture_output=True, text=True
        )

    return run


def test_versions_and_failed_tests_of_every_environment_are_shown(check):
    done = check('--fast')
    rows = done.stdout.splitlines()
    names = [row.split(':')[0] for row in rows if ': Python 3.' in row]
    assert names == ['oldest', 'newest', 'forks']
    assert rows[1] == 'torch==1.2.3'
    assert rows[2].startswith('FAILED tests/one.py::-m pytest')
    assert rows[2].endswith('-m not slow')
    assert rows[3] == '1 failed, 2 passed'
    assert done.returncode == 1


def test_an_installation_that_fails_says_why(check):
    done = check('forks', pip='echo no such wheel >&2; exit 1')
    assert 'no such wheel' in done.stderr
    assert 'passed' not in done.stdout
    assert done.returncode == 1


def test_unknown_environments_are_named(check):
    done = check('newst')
    assert 'Expected oldest, newest or forks, but got newst' in done.stderr
    assert done.returncode == 2
