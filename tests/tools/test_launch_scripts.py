"""The shell scripts and the Makefile, with stand-ins for what they start."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRAIN, TEST = '-m mmscm train c.py', '-m mmscm test c.py w.pth'


@pytest.fixture
def run(tmp_path):
    """Run a script; ``srun`` and ``python`` print their arguments."""
    for name in ('srun', 'python'):
        script = tmp_path / name
        script.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        script.chmod(0o755)

    def run(script, *args, **env):
        return subprocess.run(
            [ROOT / 'tools' / script, *args],
            env=dict(PATH=f'{tmp_path}:{os.environ["PATH"]}', **env),
            cwd='/',
            capture_output=True,
            text=True,
        )

    return run


def torchrun(processes, nodes=1, rank=0, address='127.0.0.1', port=29500):
    return (
        f'-m torch.distributed.run --nnodes={nodes} --node_rank={rank} '
        f'--master_addr={address} --master_port={port} '
        f'--nproc_per_node={processes}'
    )


def srun(tasks, cpus, gpus=None, more=''):
    a_node = f'--gres=gpu:{gpus} --ntasks-per-node={gpus} ' if gpus else ''
    return (
        f'--partition=p --job-name=j --ntasks={tasks} --cpus-per-task={cpus} '
        f'{a_node}--kill-on-bad-exit=1{more} python -u'
    )


NODE = dict(NNODES='2', NODE_RANK='1', MASTER_ADDR='a', PORT='1234')
ANY_NODE = dict(GPUS='2', GPUS_PER_NODE='0')
QOS = dict(GPUS='2', CPUS_PER_TASK='1', SRUN_ARGS='--qos=a -t 5')


@pytest.mark.parametrize(
    ('command', 'env', 'start', 'tool'),
    [
        ('dist_train.sh c.py 2', {}, torchrun(2), TRAIN),
        (
            'dist_test.sh c.py w.pth 4',
            NODE,
            torchrun(4, 2, 1, 'a', 1234),
            TEST,
        ),
        ('slurm_train.sh p j c.py', {}, srun(8, 5, 8), TRAIN),
        (
            'slurm_test.sh p j c.py w.pth',
            QOS,
            srun(2, 1, 2, ' --qos=a -t 5'),
            TEST,
        ),
        ('slurm_train.sh p j c.py', ANY_NODE, srun(2, 5), TRAIN),
    ],
)
@pytest.mark.parametrize('options', [[], ['--cfg-options', 'a=[1, 2]']])
def test_scripts_start_a_process_a_gpu(
    run, command, env, start, tool, options
):
    done = run(*command.split(), *options, **env)
    assert done.returncode == 0, done.stderr
    launcher = 'slurm' if command.startswith('slurm') else 'pytorch'
    words = f'{start} {tool} --launcher {launcher}'.split()
    assert done.stdout.splitlines() == [*words, *options]


SHORT = 'dist_train.sh c.py', 'dist_test.sh c.py w.pth', 'slurm_train.sh p j'


@pytest.mark.parametrize('command', [*SHORT, 'slurm_test.sh p j c.py'])
def test_missing_arguments_print_the_usage(run, command):
    done = run(*command.split())
    assert done.returncode == 2
    assert done.stderr.startswith('Expected: ')


def make(*args):
    command = ['make', '--no-print-directory', *args]
    return subprocess.check_output(command, cwd=ROOT, text=True)


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


def test_photographs_are_drawn_by_the_best_of_both_methods(run, tmp_path):
    rows, words = tmp_path / 'rows', []
    for title, name in (('TS-CAM', 'tscam'), ('SCM', 'scm')):
        folder = rows / f'{name}_lr0.0001_seed0'
        folder.mkdir(parents=True)
        files = 'c.py', 'best_wsol_gt_known_epoch_1.pth', 'finished'
        for file in files:
            (folder / file).touch()
        words += ['--model', title, *(str(folder / f) for f in files[:2])]
    script = 'experiments/demo_photos.sh'
    done = run(script, 'photos', rows, AMP='')
    words += ['--out', str(rows / 'demo_photos.png')]
    drawn = ['-m', 'mmscm', 'figures', 'compare', 'photos', *words]
    assert done.stdout.splitlines() == drawn

    (folder / 'finished').unlink()
    done = run(script, 'photos', rows, AMP='')
    assert done.returncode == 1
    assert f'{folder}, a finished training, or data/imagen' in done.stderr
