"""Launched by torchrun or slurm, several processes do what one does."""

import json
import os
import pickle
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from dist_processes import free_port, launch
from mmengine.config import Config
from tiny_runner import SAMPLES, tiny_config
from tool_runs import run_tool

from mmscm.engine.checkpoint import read_checkpoint
from mmscm.engine.launch import prepare

TESTS = Path(__file__).parents[1]
TOOLS = TESTS.parent / 'tools'
TIMEOUT = 1  # second
# options begin with a dash, the first other word is the command
SRUN = """#!{python}
import os, subprocess, sys
words = sys.argv[1:]
command = next(i for i, word in enumerate(words) if word[0] != '-')
options = dict(word[2:].split('=', 1) for word in words[:command])
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
pytestmark = pytest.mark.slow


def tiny_file(folder, **changes):
    """A config that trains on 12 samples in milliseconds."""
    cfg = tiny_config('unused')
    cfg.custom_imports = dict(imports='tiny_runner')
    cfg.param_scheduler = None  # its end moves with max_epochs
    cfg.auto_scale_lr = dict(base_batch_size=4)
    cfg.train_dataloader.dataset.samples = 12
    cfg.train_dataloader.sampler.shuffle = True
    cfg.experiment_name = 'tiny'
    cfg.merge_from_dict(changes)
    cfg.dump(folder / 'tiny.py')
    return folder / 'tiny.py'


def start(script, *args, **environ):
    """Start a script of tools/; its output is one text."""
    settings = dict(
        OMP_NUM_THREADS='1',
        CUDA_VISIBLE_DEVICES='',
        PYTHON=sys.executable,
        PYTHONPATH=os.pathsep.join([str(TESTS), *sys.path]),
        PORT=str(free_port()),
    )
    settings |= {name: str(value) for name, value in environ.items()}
    return subprocess.Popen(
        [str(part) for part in (TOOLS / script, *args)],
        env=os.environ | settings,
        cwd=TESTS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process, limit=500):
    """Exit code and output; a script that hangs is ended."""
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.terminate()  # torchrun ends its processes
        output, _ = process.communicate()
        raise TimeoutError(f'no end in {limit} s:\n{output}') from None
    return process.returncode, output


def succeeds(process):
    code, output = finish(process)
    assert code == 0, output[-3000:]


@pytest.fixture
def cluster(tmp_path):
    """Environment with an srun that starts every task on this machine."""
    scripts = dict(srun=SRUN.format(python=sys.executable), scontrol=SCONTROL)
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return dict(
        PATH=f'{tmp_path}:{os.environ["PATH"]}',
        MASTER_PORT=free_port(),
        GPUS=2,
        GPUS_PER_NODE=0,
    )


def test_nodes_and_tasks_train_and_test_like_one_process(tmp_path, cluster):
    config = tiny_file(tmp_path)
    one, two = tmp_path / 'one', tmp_path / 'two'
    run_tool('train.py', config, '--work-dir', one)
    # 3 steps an epoch of one process by 4, or of two by 2
    half = ('--auto-scale-lr', '--work-dir', two, '--cfg-options')
    half += ('train_dataloader.batch_size=2',)
    # two launches are the two nodes of one run; one waits for the other
    nodes = dict(NNODES=2, MASTER_ADDR='127.0.0.1', PORT=free_port())
    args = (config, 1, *half, 'train_cfg.max_epochs=1')
    launches = [
        start('dist_train.sh', *args, NODE_RANK=rank, **nodes)
        for rank in (0, 1)
    ]
    for process in launches:
        succeeds(process)
    args = ('any', 'job', config, '--resume', *half)
    succeeds(start('slurm_train.sh', *args, **cluster))
    trained, expected = (
        read_checkpoint(folder / 'epoch_2.pth') for folder in (two, one)
    )
    assert trained['meta']['iter'] == expected['meta']['iter'] == 6
    for name, weight in expected['state_dict'].items():
        torch.testing.assert_close(trained['state_dict'][name], weight)

    args = (config, one / 'epoch_2.pth', '--work-dir', one)
    run_tool('test.py', *args, '--out', one / 'out.json')
    out = two / 'predictions.pkl'
    args = (config, one / 'epoch_2.pth', 2, '--work-dir', two, '--out', out)
    succeeds(start('dist_test.sh', *args))
    scores, same, copy = (
        json.loads(path.read_text())['metrics']
        for path in (
            one / 'test_metrics.json',
            one / 'out.json',
            two / 'test_metrics.json',
        )
    )
    assert scores == same == copy
    assert (
        scores['wsol/samples'] == SAMPLES == len(pickle.load(out.open('rb')))
    )


def test_the_failure_of_a_process_ends_the_run_and_is_shown(tmp_path):
    config = tiny_file(tmp_path, custom_hooks=[dict(type='FailingHook')])
    args = (config, 2, '--work-dir', tmp_path / 'run')
    args += ('--cfg-options', 'train_dataloader.batch_size=1')
    code, output = finish(start('dist_train.sh', *args))
    assert code != 0
    _, root_cause = output.split('Root Cause (first observed failure):')
    assert 'rank      : 1 (local_rank: 1)' in root_cause
    assert 'ValueError: the disk of process 1 is full' in root_cause


def _wait_for_a_silent_process():
    env_cfg = dict(dist_cfg=dict(timeout=TIMEOUT))
    prepare(Config(dict(env_cfg=env_cfg)), 'pytorch')
    assert dist.distributed_c10d.default_pg_timeout > timedelta(minutes=5)
    if dist.get_rank() == 1:
        time.sleep(3 * TIMEOUT)
        return
    with pytest.raises(RuntimeError, match=r'[Tt]imed out'):
        dist.all_reduce(torch.zeros(1))


def test_a_silent_process_is_not_waited_for_beyond_the_time_out():
    launch(_wait_for_a_silent_process, 2, limit=200)
