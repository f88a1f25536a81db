"""Models by the name of their config, with weights from a checkpoint."""

from __future__ import annotations

from copy import deepcopy
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import load_state_dict
from mmpretrain.apis import get_model as get_host_model

from mmscm.apis.config import read_config_file
from mmscm.engine.checkpoint import read_checkpoint
from mmscm.engine.hooks.checks import require_weights
from mmscm.engine.package_files import named_configs
from mmscm.engine.thresholds import set_thresholds
from mmscm.models import WSOLClassifier
from mmscm.weights import weights_of


def list_models(pattern: str = '*') -> list[str]:
    """Names of configs that :func:`get_model` takes, sorted.

    configs/scm/deit-s_cub.py is scm_deit-s_cub; ``_imagenet`` at the end of
    a name may be left out. ``pattern`` is one of the shell, ``'scm_*cub'``.
    """
    return sorted(name for name in named_configs() if fnmatch(name, pattern))


def get_model(
    model: str | Path | Config,
    weights: str | Path | None = None,
    device: str | torch.device | None = None,
    **changes: Any,
) -> WSOLClassifier:
    """Build a model in eval mode, with ``_config`` and ``_dataset_meta``.

    Args:
        model (str | Path | Config): A name of :func:`list_models`, a config
            file or a config.
        weights (str | Path, optional): Checkpoint, file or URL, that has
            every weight. Default leaves them random.
        device (str | torch.device, optional): Default is the CPU.
        **changes (Any): Arguments of the model to change.
    """
    cfg = deepcopy(read_config(model))
    for key in ('pretrained', 'checkpoint_path'):  # timm would load them
        cfg.model.backbone.pop(key, None)
    built = get_host_model(cfg, pretrained=False, **changes)
    # the task by which mmpretrain's `inference_model` chooses
    task = SimpleNamespace(task='Image Classification')
    built._metainfo = SimpleNamespace(results=[task])
    if weights is not None:
        load_weights(built, weights)
    return built.to(device or 'cpu')


def load_weights(model: WSOLClassifier, weights: str | Path) -> None:
    """Load a checkpoint, file or URL, that has to hold every weight.

    The model, changed in place, gets names of classes and
    :func:`~mmscm.engine.thresholds.thresholds_of` the checkpoint too.
    """
    checkpoint = read_checkpoint(weights)
    state = weights_of(checkpoint)
    require_weights(model, state)
    load_state_dict(model, state, strict=False, logger='silent')
    meta = checkpoint.get('meta') or {}
    # without a head the classes are not those of the weights
    if meta.get('dataset_meta') and model.with_head:
        model._dataset_meta = meta['dataset_meta']
    set_thresholds(model, checkpoint)


def read_config(model: str | Path | Config) -> Config:
    """The config of a name, a file or a config."""
    return model if isinstance(model, Config) else read_config_file(model)
