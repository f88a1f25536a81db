"""Trainings of seconds, the same in any number of processes."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import torch
from mmengine.config import Config

from mmscm.apis import build_runner, load_config, set_training
from mmscm.engine.checkpoint import read_checkpoint

CONFIGS = Path(__file__).parents[1] / 'configs'
CONFIG = CONFIGS / 'scm' / 'vit-micro_toy.py'
BATCH, SAMPLES = 4, 12  # images of an update, of an epoch
LR = 5e-5  # paper; where a gradient is rounding, AdamW goes such a step
DIM = 24
SIDE = 32  # pixels of an image

SMALL_MODEL = {
    'model.backbone.arch.embed_dims': DIM,
    'model.backbone.arch.num_layers': 2,
    'model.backbone.arch.num_heads': 2,
    'model.backbone.arch.feedforward_channels': 24,
    'model.backbone.img_size': SIDE,
    'model.head.in_channels': DIM,
    'log_level': 'ERROR',
    'visualizer.vis_backends': [],
}
SHORT_TRAINING = {
    'optim_wrapper.optimizer.lr': LR,
    # gradients that are rounding only stay small steps
    'optim_wrapper.optimizer.eps': 1e-6,
    'param_scheduler': [
        dict(type='MultiStepLR', by_epoch=True, milestones=[1])
    ],
    'train_dataloader.batch_size': BATCH,
    'train_dataloader.dataset.length': SAMPLES,
    'train_dataloader.dataset.img_size': SIDE,
    'train_dataloader.num_workers': 0,
    'val_dataloader': None,
    'val_cfg': None,
    'val_evaluator': None,
    'default_hooks.checkpoint.save_best': None,
    'train_cfg.max_epochs': 2,
}


def train_all(folder: Path, launcher: str, runs: dict[str, dict]) -> None:
    """Train one model after another in this process group.

    Args:
        folder (Path): For a folder a run.
        launcher (str): 'none' or 'pytorch'.
        runs (dict): By name, config keys to values beside those above.
    """
    for name, options in runs.items():
        train(small_config(Path(folder, name), options), launcher)


def small_config(work_dir: Path, options: dict) -> Config:
    """vit-micro on ToyObjects, small, with random flips and no dropout."""
    return load_config(
        CONFIG, work_dir, SMALL_MODEL | SHORT_TRAINING | options
    )


def train(cfg: Config, launcher: str) -> torch.nn.Module:
    """Train to the end, as ``tools/train.py`` does."""
    set_training(
        cfg, auto_scale_lr=cfg.get('auto_scale_lr', {}).get('enable', False)
    )
    # formatting the config takes longer than all iterations
    with mock.patch.object(Config, 'pretty_text', ''):
        return build_runner(cfg, launcher=launcher).train()


def trained(folder: Path) -> dict:
    """The last checkpoint of a run."""
    name = Path(folder, 'last_checkpoint').read_text()
    return read_checkpoint(name.strip())


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """Weights but for the biases of keys.

    softmax does not change when a number is added to all scores of a query,
    so that gradient is zero but for rounding, of which AdamW makes steps.
    """
    state = trained(folder)['state_dict']
    for name in [name for name in state if name.endswith('qkv.bias')]:
        query, _, value = state.pop(name).chunk(3)
        state |= {f'{name}[q]': query, f'{name}[v]': value}
    return state
