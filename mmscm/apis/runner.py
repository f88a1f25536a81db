"""From a config to mmengine's Runner, for training or for a test."""

from __future__ import annotations

from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.runner import Runner

from mmscm.apis.config import load_config
from mmscm.apis.config_data import SPLITS
from mmscm.apis.config_parts import (
    check_evaluators,
    check_image_size,
    check_num_classes,
)
from mmscm.apis.config_types import check_types
from mmscm.engine.disk_errors import check_writable
from mmscm.engine.latest_checkpoint import latest_checkpoint
from mmscm.engine.launch import prepare, use_amp


def build_runner(
    config: str | Path | Config,
    work_dir: str | Path | None = None,
    *,
    launcher: str = 'none',
    cfg_options: dict[str, Any] | None = None,
) -> Runner:
    """A Runner on this machine's device, ready for ``train`` or ``test``.

    Args:
        config (str | Path | Config): A config file, or what
            :func:`load_config` returned.
        work_dir (str | Path, optional): See :func:`load_config`.
        launcher (str): 'none', 'pytorch', 'slurm' or 'mpi'.
        cfg_options (dict, optional): See :func:`load_config`; for a file.

    Returns:
        Runner: mmengine's, with its model built and nothing loaded.
    """
    if isinstance(config, Config):
        cfg = deepcopy(config)
        cfg.work_dir = str(work_dir or cfg.work_dir)
    else:
        cfg = load_config(config, work_dir, cfg_options)
    check_writable(cfg.work_dir)
    check_types(cfg)
    _select_checkpoints(cfg)
    check_evaluators(cfg)
    _add_hook(cfg, type='mmscm.ClassCountHook')
    for split in SPLITS:
        _set_loader_defaults(cfg.get(f'{split}_dataloader'))
    prepare(cfg, launcher)
    # the file's name alone is that of two methods
    cfg.setdefault('experiment_name', '_'.join(Path(cfg.work_dir).parts[-2:]))
    runner = Runner.from_cfg(cfg)
    check_num_classes(cfg, runner.model)
    check_image_size(cfg, runner.model)
    return runner


def set_training(
    cfg: Config,
    *,
    resume: str | None = None,
    amp: bool = False,
    auto_scale_lr: bool = False,
) -> None:
    """Write the options of ``tools/train.py`` into a config.

    Args:
        cfg (Config): Changed in place.
        resume (str, optional): 'auto' for the latest checkpoint of the work
            directory that can be read, if there is one, or the path of a
            checkpoint.
        amp (bool): Mixed precision.
        auto_scale_lr (bool): Scale the learning rate to the batch size.

    Raises:
        FileNotFoundError: Names a checkpoint that is missing.
    """
    if resume == 'auto':
        latest = latest_checkpoint(cfg.work_dir)
        cfg.resume = latest is not None
        cfg.load_from = latest or cfg.get('load_from')
    elif resume is not None:
        cfg.resume, cfg.load_from = True, _existing(resume)
    if cfg.get('resume'):  # else the host goes on with random weights
        _add_hook(cfg, type='mmscm.RequireWeightsHook')
    if amp:
        use_amp(cfg)
    if auto_scale_lr:
        if 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
            raise ValueError(
                'Expected `auto_scale_lr.base_batch_size` in the config to '
                'scale the learning rate, but got none.'
            )
        cfg.auto_scale_lr.enable = True
    _add_hook(
        cfg,
        type='mmscm.StoreThresholdsHook',
        split=cfg.get('select_on', 'val'),
    )
    _add_tensorboard(cfg)


def set_testing(
    cfg: Config, checkpoint: str, show_dir: str | None = None
) -> None:
    """Write the options of ``tools/test.py`` into a config.

    Args:
        cfg (Config): Changed in place.
        checkpoint (str): Path or URL; it has to hold every weight.
        show_dir (str, optional): Folder for one picture an image.

    Raises:
        FileNotFoundError: Names a checkpoint that is missing.
    """
    cfg.load_from, cfg.resume = _existing(checkpoint), False
    _add_hook(cfg, type='mmscm.RequireWeightsHook')
    if show_dir is not None:
        own = cfg.setdefault('default_hooks', {}).get('visualization') or {}
        show = dict(enable=True, interval=1, out_dir=str(show_dir))
        default = dict(type='VisualizationHook')
        cfg.default_hooks.visualization = {**default, **own, **show}


def _add_hook(cfg: Config, **hook: Any) -> None:
    hooks = list(cfg.get('custom_hooks') or [])
    if hook not in hooks:
        cfg.custom_hooks = [*hooks, hook]


def _existing(checkpoint: str) -> str:
    if '://' not in checkpoint and not Path(checkpoint).expanduser().is_file():
        raise FileNotFoundError(
            f'Expected a checkpoint, but got {checkpoint}: no such file. '
            'tools/train.py writes checkpoints into its work directory.'
        )
    return checkpoint


def _select_checkpoints(cfg: Config) -> None:
    """``select_on = 'test'``: validate on the test set, by its own name."""
    chosen = cfg.get('select_on', 'val')
    if chosen not in ('val', 'test'):
        raise ValueError(
            f"Expected `select_on` to be 'val' or 'test', but got {chosen!r}."
        )
    if chosen == 'test':
        cfg.val_dataloader = deepcopy(cfg.test_dataloader)
        cfg.val_evaluator = deepcopy(cfg.test_evaluator)


def _set_loader_defaults(loader: dict | None) -> None:
    if loader is None:
        return
    if not loader.setdefault('num_workers', 0):
        loader['persistent_workers'] = False  # torch refuses them without any
    loader.setdefault('persistent_workers', True)
    on_gpu = get_device() != 'cpu'
    loader['pin_memory'] = on_gpu and loader.get('pin_memory', True)


def _add_tensorboard(cfg: Config) -> None:
    """Log to TensorBoard too where it is installed."""
    backends = (cfg.get('visualizer') or {}).get('vis_backends')
    if backends is None or find_spec('tensorboard') is None:
        return
    kinds = [backend['type'] for backend in backends]
    if 'TensorboardVisBackend' not in kinds:
        added = dict(type='TensorboardVisBackend')
        cfg.visualizer.vis_backends = [*backends, added]
