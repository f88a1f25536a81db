"""Build mmengine's Runner from a config, for training or for a test."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.runner import BaseLoop, Runner
from torch import nn

from mmscm.apis.config import load_config
from mmscm.engine.checkpoint import check_archive, latest_checkpoint
from mmscm.engine.launch import prepare, use_amp


def build_runner(
    config: str | Path | Config,
    work_dir: str | Path | None = None,
    *,
    launcher: str = 'none',
    cfg_options: dict[str, Any] | None = None,
) -> Runner:
    """mmengine's Runner on this machine's device, to ``train`` or ``test``.

    Its model is built and nothing is loaded. ``config`` is a file, or what
    :func:`load_config` returned; ``work_dir`` and, for a file,
    ``cfg_options`` are explained there. ``launcher`` is 'none', 'pytorch',
    'slurm' or 'mpi'.
    """
    if isinstance(config, Config):
        cfg = deepcopy(config)
        cfg.work_dir = str(work_dir or cfg.work_dir)
    else:
        cfg = load_config(config, work_dir, cfg_options)
    prepare(cfg, launcher)
    if 'train_cfg' not in cfg:  # public weights: nothing is trained
        cfg.train_dataloader = None
    # the file's name alone is that of two methods
    cfg.setdefault('experiment_name', '_'.join(Path(cfg.work_dir).parts[-2:]))
    return _Runner.from_cfg(cfg)


class _Runner(Runner):
    def dump_config(self) -> None:
        """Leave it to :meth:`train`.

        mmengine writes the config into the work directory at once, so a test
        or a calibration (whose test split is val) of a training there would
        replace what it was trained with. Its own is below the time stamp.
        """

    def train(self) -> nn.Module:
        """Write the config into the work directory, and train."""
        super().dump_config()
        return super().train()

    def build_train_loop(self, loop: Any) -> BaseLoop:
        """Build it, and refuse to train where the images make no batch."""
        built = super().build_train_loop(loop)
        loader = built.dataloader
        if not len(loader):  # mmengine fails at a schedule of no iterations
            raise ValueError(
                f'Expected a batch of {loader.batch_size} images or more, but '
                f'the training set has {len(loader.sampler)} for each process '
                'and `train_dataloader.drop_last` leaves out the rest. Lower '
                '`train_dataloader.batch_size`, or set `drop_last=False`.'
            )
        return built


def set_training(
    cfg: Config,
    *,
    resume: str | None = None,
    amp: bool = False,
    auto_scale_lr: bool = False,
) -> None:
    """Write the options of ``tools/train.py`` into a config, in place.

    Args:
        cfg (Config): The config.
        resume (str, optional): 'auto' for the latest checkpoint of the work
            directory that can be read, if there is one, or the path of a
            checkpoint; a RuntimeError if it is damaged.
        amp (bool): Mixed precision.
        auto_scale_lr (bool): Scale the learning rate to the batch size.
    """
    if resume == 'auto':
        latest = latest_checkpoint(cfg.work_dir)
        cfg.resume = latest is not None
        cfg.load_from = latest or cfg.get('load_from')
    elif resume is not None:
        cfg.resume, cfg.load_from = True, _existing(resume)
    if amp:
        use_amp(cfg)
    if auto_scale_lr:
        if 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
            raise ValueError(
                'Expected `auto_scale_lr.base_batch_size` in the config to '
                'scale the learning rate, but got none.'
            )
        cfg.auto_scale_lr.enable = True


def set_testing(
    cfg: Config, checkpoint: str, show_dir: str | None = None
) -> None:
    """Write the options of ``tools/test.py`` into a config, in place.

    Args:
        cfg (Config): The config.
        checkpoint (str): Path or URL; it has to hold every weight.
        show_dir (str, optional): Folder for one picture an image, or of
            as many as `default_hooks.visualization.interval` says.
    """
    cfg.load_from, cfg.resume = _existing(checkpoint), False
    if show_dir is not None:
        own = cfg.setdefault('default_hooks', {}).get('visualization') or {}
        show = dict(enable=True, out_dir=str(show_dir))
        default = dict(type='VisualizationHook', interval=1)
        cfg.default_hooks.visualization = {**default, **own, **show}


def _existing(checkpoint: str) -> str:
    checkpoint = checkpoint.removeprefix('file://')
    path = Path(checkpoint).expanduser()
    if '://' in checkpoint:
        return checkpoint
    if not path.is_file():
        raise FileNotFoundError(
            f'Expected a checkpoint, but got {checkpoint}: no such file. '
            'tools/train.py writes checkpoints into its work directory.'
        )
    check_archive(path)
    return checkpoint
