"""Two gloo processes do what one process does."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from dist_processes import free_port
from dist_scripts import finish, start
from tiny_runner import tiny_config

from mmscm.engine.checkpoint import read_checkpoint

ROOT = Path(__file__).parents[2]


def run(script, *args, options=()):
    options = ['--cfg-options', *options] if options else []
    code, output = finish(start(script, *args, *options, PORT=free_port()))
    assert code == 0, output[-3000:]
    return output


def metrics_of(folder):
    record = json.loads((folder / 'test_metrics.json').read_text())
    return record['metrics']


@pytest.fixture(scope='module')
def tiny(tmp_path_factory):
    path = tmp_path_factory.mktemp('tiny') / 'config.py'
    cfg = tiny_config('unused')
    cfg.custom_imports = dict(imports='tiny_runner')
    cfg.param_scheduler = None  # its end moves with max_epochs
    cfg.auto_scale_lr = dict(base_batch_size=4)
    cfg.dump(path)
    return path


@pytest.mark.slow
def test_two_processes_train_and_resume_like_one(tiny, tmp_path):
    # 12 samples: 3 steps of one process by 4, or of two by 2
    options = [
        'train_dataloader.dataset.samples=12',
        'train_dataloader.sampler.shuffle=True',
    ]
    one, two = tmp_path / 'one', tmp_path / 'two'
    run('train.py', tiny, '--work-dir', one, options=options)
    options.append('train_dataloader.batch_size=2')
    args = (tiny, 2, '--auto-scale-lr', '--work-dir', two)
    first = 'train_cfg.max_epochs=1'
    run('dist_train.sh', *args, options=[*options, first])
    run('dist_train.sh', *args, '--resume', options=options)
    expected, got = (
        read_checkpoint(str(folder / 'epoch_2.pth'))['state_dict']
        for folder in (one, two)
    )
    assert set(got) == set(expected)
    for name, weight in expected.items():
        torch.testing.assert_close(got[name], weight)


@pytest.mark.slow
def test_two_processes_test_like_one(tmp_path):
    config = ROOT / 'configs' / 'scm' / 'vit-micro_toy.py'
    small = [
        'train_dataloader.dataset.length=32',
        'train_dataloader.batch_size=8',
        'val_dataloader.dataset.length=5',
        'test_dataloader.dataset.length=7',
        # in a larger batch its other images round a map differently
        'test_dataloader.batch_size=1',
        'train_cfg.max_epochs=1',
    ]
    trained = tmp_path / 'trained'
    run('dist_train.sh', config, 2, '--work-dir', trained, options=small)
    checkpoint = trained / 'epoch_1.pth'

    one, two = tmp_path / 'one', tmp_path / 'two'
    out = tmp_path / 'predictions.pkl'
    args = ('--work-dir', one, '--out', one / 'out.json')
    printed = run('test.py', config, checkpoint, *args, options=small)
    args = ('--work-dir', two, '--out', out)
    run('dist_test.sh', config, checkpoint, 2, *args, options=small)

    assert metrics_of(one) == pytest.approx(metrics_of(two), abs=1e-9)
    assert json.loads((one / 'out.json').read_text())['metrics']
    assert all(name in printed for name in ('wsoleval V2', 'oracle'))
    assert len(pickle.loads(out.read_bytes())) == 7
