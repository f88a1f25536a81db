"""A training of seconds with everything random that a training has."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import torch
from dist_runs import CONFIG, SMALL_MODEL
from mmengine.config import Config

from mmscm.apis import build_runner, load_config, set_training
from mmscm.engine.checkpoint import read_checkpoint

EPOCHS, ITERATIONS = 3, 3  # iterations an epoch

OPTIONS = SMALL_MODEL | {
    'model.backbone.drop_rate': 0.1,
    'model.backbone.drop_path_rate': 0.1,
    'model.neck.num_blocks': 1,
    'train_dataloader.batch_size': 4,
    'train_dataloader.dataset.length': 4 * ITERATIONS,
    'train_dataloader.dataset.img_size': 32,
    'train_dataloader.num_workers': 0,
    'val_dataloader.batch_size': 10,
    'val_dataloader.dataset.length': 20,
    'val_dataloader.dataset.img_size': 32,
    'val_dataloader.num_workers': 0,
    'default_hooks.logger.interval': 1,
    'train_cfg.max_epochs': EPOCHS,
    'optim_wrapper.optimizer.lr': 0.01,
    'randomness.seed': 2,  # the best checkpoint is that of the second epoch
}


def toy_config(work_dir: Path, **options) -> Config:
    """Three epochs of three iterations, dropout, flips and thresholds.

    Args:
        work_dir (Path): Of the run.
        **options: Config keys with two underscores for a dot.
    """
    options = {key.replace('__', '.'): v for key, v in options.items()}
    cfg = load_config(CONFIG, work_dir, OPTIONS | options)
    metric = dict(type='mmscm.LocalizationAccuracy', protocol='gtmap')
    cfg.val_evaluator = [dict(metric, cam_thrs=0.1, iou_thr=0.25)]
    cfg.default_hooks.checkpoint.save_best = 'wsol/gt_known_gtmap_iou25'
    return cfg


def train(work_dir: Path, *hooks, resume: str | None = None, **options):
    """Train to the end.

    Args:
        work_dir (Path): Of the run.
        *hooks: More hooks.
        resume (str, optional): As ``tools/train.py --resume``.
        **options: See :func:`toy_config`.
    """
    cfg = toy_config(work_dir, **options)
    set_training(cfg, resume=resume)
    # formatting the config into every checkpoint takes most of the time
    with mock.patch.object(Config, 'pretty_text', ''):
        runner = build_runner(cfg)
        for hook in hooks:
            runner.register_hook(hook, 'LOWEST')
        runner.train()
    return runner


def files_of(work_dir: Path) -> set[str]:
    """Names of all checkpoints and of what is left of unfinished ones."""
    return {path.name for path in Path(work_dir).glob('*.pth*')}


def content_of(path: Path) -> dict:
    """What has to be equal in the checkpoints of two equal runs."""
    read = read_checkpoint(path)
    hub = read['message_hub']['runtime_info']
    return dict(
        weights=read['state_dict'],
        optimizer=read.get('optimizer'),
        schedules=read.get('param_schedulers'),
        thresholds=read['meta'].get('cam_thrs'),
        best_score=hub.get('best_score'),
        best_file=Path(hub.get('best_ckpt', '')).name,
    )


def assert_same_end(got: Path, expected: Path) -> None:
    """Two work dirs have the same checkpoints, bit by bit."""
    assert files_of(got) == files_of(expected)
    for name in files_of(expected):
        one, two = content_of(got / name), content_of(expected / name)
        for key in two:
            assert equal(one[key], two[key]), f'{key} of {name}'


def equal(one, two) -> bool:
    """Tensors by their bits, containers by what is in them."""
    if isinstance(two, torch.Tensor):
        return one.dtype == two.dtype and torch.equal(one, two)
    if isinstance(two, dict):
        same_keys = one.keys() == two.keys()
        return same_keys and all(equal(one[key], two[key]) for key in two)
    if isinstance(two, (list, tuple)):
        same_length = len(one) == len(two)
        return same_length and all(map(equal, one, two))
    return one == two
