"""Trainings of seconds on ToyObjects, with all that a training has."""

from pathlib import Path
from unittest import mock

from mmengine.config import Config
from mmengine.runner import Runner
from small_models import vit_arch

from mmscm.apis import build_runner, load_config, set_training
from mmscm.engine.checkpoint import read_checkpoint

CONFIGS = Path(__file__).parents[1] / 'configs'
CONFIG = CONFIGS / 'scm' / 'vit-micro_toy.py'
BATCH, ITERATIONS = 4, 3  # images of an update, iterations an epoch
DIM = 24
SIDE = 32  # pixels of an image

SMALL_MODEL = {
    'model.backbone.arch': vit_arch(DIM, 2, 2, 24),
    'model.backbone.img_size': SIDE,
    'model.head.in_channels': DIM,
    'log_level': 'ERROR',
    'visualizer.vis_backends': [],
}
SHORT_TRAINING = {
    'train_dataloader.batch_size': BATCH,
    'train_dataloader.dataset.length': BATCH * ITERATIONS,
    'train_dataloader.dataset.img_size': SIDE,
    'train_dataloader.num_workers': 0,
}


def toy_config(work_dir: Path, options: dict) -> Config:
    """vit-micro on ToyObjects, small, with random flips and no dropout."""
    options = SMALL_MODEL | SHORT_TRAINING | options
    return load_config(CONFIG, work_dir, options)


def train(cfg: Config, *hooks, launcher: str = 'none', **settings) -> Runner:
    """Train to the end, as ``tools/train.py`` does, with more hooks."""
    set_training(cfg, **settings)
    # formatting the config into every checkpoint takes most of the time
    with mock.patch.object(Config, 'pretty_text', ''):
        runner = build_runner(cfg, launcher=launcher)
        for hook in hooks:
            runner.register_hook(hook, 'LOWEST')
        runner.train()
    return runner


def trained(folder: Path) -> dict:
    """The last checkpoint of a run."""
    name = Path(folder, 'last_checkpoint').read_text()
    return read_checkpoint(name.strip())
