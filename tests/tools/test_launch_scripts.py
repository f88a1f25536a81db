"""The shell scripts and the Makefile, with stand-ins for what they start."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def echo(tmp_path):
    """An environment whose ``srun`` and ``python`` print their arguments."""
    for name in ('srun', 'python'):
        script = tmp_path / name
        script.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        script.chmod(0o755)
    return {'PATH': f'{tmp_path}:{os.environ["PATH"]}'}


def run(script, *args, env, cwd='/'):
    return subprocess.run(
        [ROOT / 'tools' / script, *args],
        env=env,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def arguments(script, *args, env):
    done = run(script, *args, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_dist_train_starts_torchrun_here_by_default(echo):
    options = ('--cfg-options', 'a=[1, 2]')
    assert arguments('dist_train.sh', 'c.py', '2', *options, env=echo) == [
        '-m',
        'torch.distributed.run',
        '--nnodes=1',
        '--node_rank=0',
        '--master_addr=127.0.0.1',
        '--master_port=29500',
        '--nproc_per_node=2',
        str(ROOT / 'tools' / 'train.py'),
        'c.py',
        '--launcher',
        'pytorch',
        *options,
    ]


def test_dist_test_reads_the_nodes_from_the_environment(echo):
    nodes = dict(NNODES='2', NODE_RANK='1', MASTER_ADDR='a', PORT='1234')
    got = arguments('dist_test.sh', 'c.py', 'w.pth', '4', env=echo | nodes)
    assert got[2:7] == [
        '--nnodes=2',
        '--node_rank=1',
        '--master_addr=a',
        '--master_port=1234',
        '--nproc_per_node=4',
    ]
    test = str(ROOT / 'tools' / 'test.py')
    assert got[7:] == [test, 'c.py', 'w.pth', '--launcher', 'pytorch']


def test_slurm_train_asks_for_eight_gpus_of_one_node(echo):
    got = arguments('slurm_train.sh', 'p', 'j', 'c.py', '--amp', env=echo)
    assert got[:7] == [
        '--partition=p',
        '--job-name=j',
        '--ntasks=8',
        '--cpus-per-task=5',
        '--gres=gpu:8',
        '--ntasks-per-node=8',
        '--kill-on-bad-exit=1',
    ]
    train = str(ROOT / 'tools' / 'train.py')
    tail = ['c.py', '--launcher', 'slurm', '--amp']
    assert got[7:] == ['python', '-u', train, *tail]


def test_slurm_test_takes_fewer_gpus_and_more_options(echo):
    env = echo | dict(GPUS='2', CPUS_PER_TASK='1', SRUN_ARGS='--qos=a -t 5')
    got = arguments('slurm_test.sh', 'p', 'j', 'c.py', 'w.pth', env=env)
    assert got[2:10] == [
        '--ntasks=2',
        '--cpus-per-task=1',
        '--gres=gpu:2',
        '--ntasks-per-node=2',
        '--kill-on-bad-exit=1',
        '--qos=a',
        '-t',
        '5',
    ]
    assert got[-4:] == ['c.py', 'w.pth', '--launcher', 'slurm']


def test_slurm_without_gpus_asks_for_none(echo):
    env = echo | dict(GPUS='2', GPUS_PER_NODE='0')
    got = arguments('slurm_train.sh', 'p', 'j', 'c.py', env=env)
    assert not any('gres' in argument for argument in got)


@pytest.mark.parametrize(
    ('script', 'args'),
    [
        ('dist_train.sh', ['c.py']),
        ('dist_test.sh', ['c.py', 'w.pth']),
        ('slurm_train.sh', ['p', 'j']),
        ('slurm_test.sh', ['p', 'j', 'c.py']),
    ],
)
def test_missing_arguments_print_the_usage(echo, script, args):
    done = run(script, *args, env=echo)
    assert done.returncode == 2
    assert done.stderr.startswith('Expected: ')


def make(*args):
    command = ['make', '--no-print-directory', *args]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_make_help_explains_targets():
    targets = [line.split()[0] for line in make('help').splitlines()]
    assert {'install', 'demo', 'test', 'lint', 'docs', 'wheel'} <= set(targets)


def test_make_installs_again_only_when_requirements_change(tmp_path):
    stamp = tmp_path / '.installed'
    stamp.touch()
    os.utime(stamp, (4e9, 4e9))
    assert 'pip install' not in make('-n', 'install', f'STAMP={stamp}')
    os.utime(stamp, (0, 0))
    assert 'pip install' in make('-n', 'install', f'STAMP={stamp}')
