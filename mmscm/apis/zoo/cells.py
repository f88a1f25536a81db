"""Cells of the model zoo's tables: one entry of a metafile, one text."""

from __future__ import annotations

from collections.abc import Sequence
from posixpath import relpath
from typing import Any

from mmscm.apis.zoo.cost import training_hours

TRAIN_IMAGES = {'CUB-200-2011': 5994, 'ImageNet-1k': 1281167}
SIZE = ('px', 'parameters, M', 'GFLOPs')


def training_command(model: dict[str, Any]) -> str:
    """What trains a model on as many GPUs as its config is for."""
    gpus = gpus_of(model)
    if gpus == 1:
        return f'python tools/train.py {model["Config"]}'
    return f'tools/dist_train.sh {model["Config"]} {gpus}'


def duration(hours: float) -> str:
    """Two digits of hours, minutes or seconds, whichever is above 1."""
    for unit, size in (('h', 1), ('min', 1 / 60)):
        if hours >= size:
            return f'{hours / size:.2g} {unit}'
    return f'{hours * 3600:.2g} s'


def sizes(model: dict[str, Any]) -> list[str]:
    """The cells of ``SIZE``: height in pixels, millions, 1e9."""
    meta = model['Metadata']
    return [
        str(meta['Input Size'][0]),
        f'{meta["Parameters"] / 1e6:.1f}',
        f'{meta["FLOPs"] / 1e9:.2f}',
    ]


def estimated_time(model: dict[str, Any], precision: str) -> str:
    """How long the training is, by :func:`training_hours`, and marked."""
    meta = model['Metadata']
    hours = training_hours(
        meta['FLOPs'],
        TRAIN_IMAGES[meta['Training Data']],
        meta['Epochs'],
        gpus_of(model),
        precision,
    )
    return f'{duration(hours)} *estimate*'


def gpus_of(model: dict[str, Any]) -> int:
    """How many GPUs make the batch of the config."""
    return int(model['Metadata']['Training Resources'].split()[0])


def with_protocol(result: dict[str, Any], names: Sequence[str]) -> list[str]:
    """Some metrics of a result, its protocol and its source."""
    protocol, source = f'`{result["Protocol"]}`', f'*{result["Source"]}*'
    return [*percents(result, names), protocol, source]


def percents(result: dict[str, Any], names: Sequence[str]) -> list[str]:
    """Some metrics of a result in percent, ``-`` for what it lacks."""
    found = result['Metrics']
    return [f'{found[n]:.1f}' if n in found else '-' for n in names]


def link(model: dict[str, Any], page: str) -> str:
    """A link to the config; ``page`` is a path below the repository."""
    path = model['Config']
    name = path.rsplit('/', 1)[1].removesuffix('.py')
    return f'[{name}]({relpath(path, page.rsplit("/", 1)[0])})'
