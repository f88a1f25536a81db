"""Metafiles of the model zoo: read, completed from the configs, written."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import yaml
from mmengine.config import Config

from mmscm.apis.zoo.cost import input_size, model_cost
from mmscm.engine.package_files import INDEX, project_root


def metafiles() -> list[Path]:
    """The files that model-index.yml imports."""
    root = project_root()
    index = yaml.safe_load((root / INDEX).read_text())
    return [root / name for name in index['Import']]


def read_models(path: Path | None = None) -> list[dict[str, Any]]:
    """The models of one metafile, or of all.

    Args:
        path (Path, optional): One of :func:`metafiles`.

    Returns:
        list[dict]: As written, each with ``Name``, ``Config`` (below
        :func:`project_root`), ``Metadata`` and maybe ``Results``.
    """
    paths = [path] if path else metafiles()
    return [
        model
        for path in paths
        for model in yaml.safe_load(path.read_text())['Models']
    ]


def read_model_config(model: dict[str, Any]) -> Config:
    """The config that an entry names."""
    return Config.fromfile(project_root() / model['Config'])


def training_facts(cfg: Config) -> dict[str, Any]:
    """What an entry says of the training, read from its config.

    Args:
        cfg (Config): Complete.

    Returns:
        dict: ``Epochs``, ``Batch Size`` of all processes, ``Training
        Resources``: as many GPUs as make that batch, and ``Input Size``,
        [height, width] in pixels.
    """
    batch = cfg.auto_scale_lr.base_batch_size
    gpus = batch // cfg.train_dataloader.batch_size
    return {
        'Epochs': cfg.train_cfg.max_epochs,
        'Batch Size': batch,
        'Training Resources': f'{gpus} GPU{"s" if gpus > 1 else ""}',
        'Input Size': list(input_size(cfg)),
    }


def measure(path: Path) -> None:
    """Write cost and training of every model into its metafile.

    Args:
        path (Path): One of :func:`metafiles`; its comments in front stay.
    """
    text = path.read_text()
    content = yaml.safe_load(text)
    for model in content['Models']:
        cfg = read_model_config(model)
        cost = model_cost(cfg)
        model['Metadata'] |= training_facts(cfg) | {
            'FLOPs': cost.flops,
            'Parameters': cost.parameters,
        }
    head = itertools.takewhile(
        lambda line: line.startswith('#'), text.splitlines(keepends=True)
    )
    body = yaml.safe_dump(content, sort_keys=False, width=100)
    path.write_text(''.join(head) + body)
