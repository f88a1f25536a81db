"""Same seed, same bits: with workers, and killed anywhere and resumed.

Every case forks; what is killed gets SIGKILL at one point and is resumed.
"""

import multiprocessing
import os
import random
import signal

import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from toy_training import ITERATIONS, SIDE, toy_config
from toy_training import train as train_config

from mmscm.apis import build_runner, set_testing
from mmscm.engine.checkpoint import read_checkpoint

EPOCHS = 3
OPTIONS = {
    'model.backbone.drop_rate': 0.1,
    'model.backbone.drop_path_rate': 0.1,
    'model.neck.num_blocks': 1,
    'val_dataloader.batch_size': 10,
    'val_dataloader.dataset.length': 20,
    'val_dataloader.dataset.img_size': SIDE,
    'val_dataloader.num_workers': 0,
    'default_hooks.logger.interval': 1,
    'train_cfg.max_epochs': EPOCHS,
    'param_scheduler.0.end': 50,
    'param_scheduler.1.T_max': EPOCHS,
    'optim_wrapper.optimizer.lr': 0.01,
    'randomness.seed': 2,  # the best checkpoint is that of the second epoch
}
KILLED = -signal.SIGKILL
WORKERS = {f'{split}_dataloader.num_workers': 2 for split in ('train', 'val')}
KEPT = ('pred_score', 'localization_maps', 'map_labels')
pytestmark = pytest.mark.slow


def config(work_dir, options=()):
    """Three epochs of three iterations, dropout, flips and thresholds."""
    cfg = toy_config(work_dir, OPTIONS | dict(options))
    metric = dict(type='mmscm.LocalizationAccuracy', protocol='gtmap')
    cfg.val_evaluator = [dict(metric, cam_thrs=0.1, iou_thr=0.25)]
    cfg.default_hooks.checkpoint.save_best = 'wsol/gt_known_gtmap_iou25'
    return cfg


def train(work_dir, *hooks, resume=None, options=()):
    train_config(config(work_dir, options), *hooks, resume=resume)


class Kill(Hook):
    """SIGKILL at the n-th iteration of a training or of its validations."""

    def __init__(self, train=-1, val=-1):
        self.left = dict(train=train, val=val)

    def before_train_iter(self, *args, **kwargs):
        self.count('train')

    def before_val_iter(self, *args, **kwargs):
        self.count('val')

    def count(self, what):
        if self.left[what] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left[what] -= 1


def train_and_die_in(call, number, work_dir):
    """Die half way through or just after the n-th checkpoint's writing."""
    real, seen = getattr(os, call), []

    def deadly(*args):
        seen.append(args)
        if call == 'replace':
            real(*args)
        if len(seen) == number:
            if call == 'fsync':
                os.ftruncate(args[0], os.fstat(args[0]).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(os, call, deadly)
    train(work_dir)


def in_child(function, *args, **kwargs) -> int:
    """Exit code of a call in a process of its own, -9 if it was killed."""
    context = multiprocessing.get_context('fork')
    child = context.Process(target=function, args=args, kwargs=kwargs)
    child.start()
    child.join()
    return child.exitcode


@pytest.fixture(scope='module')
def uninterrupted(tmp_path_factory):
    work_dir = tmp_path_factory.mktemp('uninterrupted')
    train(work_dir)  # not in a child, so that these find all imported
    assert len(files_of(work_dir)) == 3  # two epochs and the best
    return work_dir


def test_lambda_and_beta_are_trained_and_logged(uninterrupted):
    hub = read_checkpoint(uninterrupted / 'epoch_3.pth')['message_hub']
    for name, start in (('lambda_0', 1), ('beta_0', 0.5)):
        assert hub['log_scalars'][f'train/scm/{name}'].current() != start


def files_of(work_dir):
    """Names of all checkpoints and of what is left of unfinished ones."""
    return {path.name for path in work_dir.glob('*.pth*')}


def content_of(path):
    """What has to be equal in the checkpoints of two equal runs."""
    read = read_checkpoint(path)
    hub = read['message_hub']['runtime_info']
    return dict(
        weights=read['state_dict'],
        optimizer=read.get('optimizer'),
        schedules=read.get('param_schedulers'),
        thresholds=read['meta'].get('cam_thrs'),
        best_score=hub.get('best_score'),
        best_file=os.path.basename(hub.get('best_ckpt', '')),
    )


def equal(one, two):
    """Tensors by their bits, containers by what is in them."""
    if isinstance(two, torch.Tensor):
        return one.dtype == two.dtype and torch.equal(one, two)
    if isinstance(two, dict):
        same_keys = one.keys() == two.keys()
        return same_keys and all(equal(one[key], two[key]) for key in two)
    if isinstance(two, (list, tuple)):
        return len(one) == len(two) and all(map(equal, one, two))
    return one == two


def resumes_to(work_dir, uninterrupted, options=()):
    """It ends with the same checkpoints, bit by bit."""
    code = in_child(train, work_dir, resume='auto', options=options)
    assert code == 0
    assert files_of(work_dir) == files_of(uninterrupted)
    for name in files_of(uninterrupted):
        got = content_of(work_dir / name)
        for key, expected in content_of(uninterrupted / name).items():
            assert equal(got[key], expected), f'{key} of {name}'


def test_killed_in_an_iteration_with_two_workers(uninterrupted, tmp_path):
    number = random.randrange(EPOCHS * ITERATIONS)
    print(f'iteration {number}')
    died = in_child(train, tmp_path, Kill(train=number), options=WORKERS)
    assert died == KILLED
    resumes_to(tmp_path, uninterrupted, WORKERS)


def test_killed_in_the_last_validation(uninterrupted, tmp_path):
    in_third = 2 * 2 + 1  # two iterations a validation
    assert in_child(train, tmp_path, Kill(val=in_third)) == KILLED
    resumes_to(tmp_path, uninterrupted)


# the writes: epoch 1, its best, epoch 1 again with the best score, epoch 2 ...
@pytest.mark.parametrize(('call', 'number'), [('fsync', 4), ('replace', 5)])
def test_killed_while_a_checkpoint_is_written(
    uninterrupted, tmp_path, call, number
):
    died = in_child(train_and_die_in, call, number, tmp_path)
    assert died == KILLED
    left = {name for name in files_of(tmp_path) if name.endswith('.tmp')}
    assert len(left) == (call == 'fsync')
    resumes_to(tmp_path, uninterrupted)


def predictions(checkpoint, work_dir, workers):
    """Metrics of a test, and every prediction as numpy arrays."""
    data = dict(num_workers=workers, batch_size=3)
    options = {f'test_dataloader.{key}': value for key, value in data.items()}
    options['test_dataloader.dataset.length'] = 7
    options['test_dataloader.dataset.img_size'] = SIDE
    cfg = config(work_dir, options)
    cfg.test_evaluator = cfg.val_evaluator
    set_testing(cfg, str(checkpoint))
    runner = build_runner(cfg)
    seen = []

    def record(module, args, samples):
        for sample in samples:
            fields = sample.to_dict()
            seen.append({name: np.asarray(fields[name]) for name in KEPT})

    runner.model.register_forward_hook(record)
    return runner.test(), seen


def test_a_test_gives_the_same_bits_with_two_workers(uninterrupted, tmp_path):
    checkpoint = uninterrupted / 'epoch_3.pth'
    metrics, maps = predictions(checkpoint, tmp_path, 0)
    assert len(maps) == 7
    for workers in (0, 2):
        other_metrics, other_maps = predictions(checkpoint, tmp_path, workers)
        for name in metrics.keys() - {'time', 'data_time'}:
            assert other_metrics[name] == metrics[name]
        for other, expected in zip(other_maps, maps, strict=True):
            for key in KEPT:
                np.testing.assert_array_equal(other[key], expected[key])
