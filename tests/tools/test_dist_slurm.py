"""The slurm scripts with an srun that starts every task on this machine."""

from __future__ import annotations

import os
import sys

import pytest
from dist_processes import free_port
from dist_runs import trained
from dist_scripts import finish, start, tiny_file

# options begin with a dash, the first other word is the command
SRUN = """#!{python}
import os, subprocess, sys
words = sys.argv[1:]
command = next(i for i, word in enumerate(words) if word[0] != '-')
options = dict(word[2:].split('=', 1) for word in words[:command])
print('srun', options, flush=True)
tasks = [
    subprocess.Popen(
        words[command:],
        env=os.environ
        | dict(
            SLURM_PROCID=str(task),
            SLURM_LOCALID=str(task),
            SLURM_NTASKS=options['ntasks'],
            SLURM_NODELIST='node[1-2]',
        ),
    )
    for task in range(int(options['ntasks']))
]
sys.exit(max(task.wait() for task in tasks))
"""
SCONTROL = """#!/bin/sh
test "$*" = 'show hostnames node[1-2]' && echo 127.0.0.1 && echo node2
"""


@pytest.fixture
def cluster(tmp_path):
    """Environment with stand-ins of srun and scontrol on the path."""
    scripts = dict(srun=SRUN.format(python=sys.executable), scontrol=SCONTROL)
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return dict(
        PATH=f'{tmp_path}:{os.environ["PATH"]}',
        MASTER_PORT=free_port(),
        GPUS=2,
        GPUS_PER_NODE=0,
        CPUS_PER_TASK=1,
    )


@pytest.mark.slow
def test_slurm_starts_the_tasks_of_one_training(tmp_path, cluster):
    config = tiny_file(tmp_path)
    args = ('any', 'job', config, '--work-dir', tmp_path / 'run')
    code, output = finish(start('slurm_train.sh', *args, **cluster))
    assert code == 0, output[-3000:]
    asked = dict(partition='any', ntasks='2')
    asked |= {'job-name': 'job', 'cpus-per-task': '1', 'kill-on-bad-exit': '1'}
    (line,) = (line for line in output.splitlines() if line[:4] == 'srun')
    assert eval(line[4:]) == asked
    # 20 samples, 2 tasks by 1
    assert trained(tmp_path / 'run')['meta']['iter'] == 10
