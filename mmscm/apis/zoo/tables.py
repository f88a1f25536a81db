"""Tables of the model zoo, from the entries of the metafiles."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from posixpath import relpath
from typing import Any

from mmscm.apis.experiments.tables import markdown
from mmscm.apis.zoo.cost import training_hours
from mmscm.engine.package_files import project_root

MEASURED = 'measured here'  # the source of a result that is ours
METRICS = (
    'Top-1 Cls',
    'Top-5 Cls',
    'Top-1 Loc',
    'Top-5 Loc',
    'GT-Known',
    'MaxBoxAccV2',
)
TRAIN_IMAGES = {'CUB-200-2011': 5994, 'ImageNet-1k': 1281167}
ABLATIONS = '/ablations/'
SIZE = ('px', 'parameters, M', 'GFLOPs')


def result_table(models: Sequence[dict[str, Any]], measured: bool) -> str:
    """Every published, or every measured, result with its protocol.

    Args:
        models (Sequence[dict]): Entries of metafiles.
        measured (bool): Those measured here, else those of papers.

    Returns:
        str: Markdown; metrics that no row has are left out.
    """
    found = [
        (model['Name'], result)
        for model in models
        for result in model.get('Results', ())
        if (result['Source'] == MEASURED) is measured
    ]
    names = [m for m in METRICS if any(m in r['Metrics'] for _, r in found)]
    header = ['model', 'data', *names, 'protocol', 'threshold', 'source']
    rows = [
        [
            f'`{name}`',
            result['Dataset'],
            *_percents(result, names),
            f'`{result["Protocol"]}`',
            result['Threshold'],
            f'*{result["Source"]}*',
        ]
        for name, result in found
    ]
    return markdown(header, rows)


def training_table(models: Sequence[dict[str, Any]], data: str) -> str:
    """Size, estimated time and the command of every model of a data set.

    Args:
        models (Sequence[dict]): Entries of metafiles; ablations cost what
            they ablate and are left out.
        data (str): Training data, a key of ``TRAIN_IMAGES``.

    Returns:
        str: Markdown.
    """
    header = ['model', *SIZE, 'time, float32', 'time, `--amp`', 'command']
    rows = [
        [
            f'`{model["Name"]}`',
            *_sizes(model),
            _time(model, 'float32'),
            _time(model, 'float16'),
            f'`{training_command(model)}`',
        ]
        for model in models
        if model['Metadata']['Training Data'] == data
        and ABLATIONS not in model['Config']
    ]
    return markdown(header, rows)


def config_table(models: Sequence[dict[str, Any]], readme: str) -> str:
    """Every config of an algorithm with its first result, ablations apart.

    Args:
        models (Sequence[dict]): Entries of one metafile.
        readme (str): Path of the page, below the repository.

    Returns:
        str: Markdown; links are relative to the page.
    """
    names = ('Top-1 Loc', 'Top-5 Loc', 'GT-Known')
    header = ['config', 'training data', *SIZE, *names, 'protocol', 'source']
    rows = []
    for model in models:
        if ABLATIONS in model['Config']:
            continue
        results = model.get('Results', ())
        figures = _with_protocol(results[0], names) if results else []
        data = model['Metadata']['Training Data']
        row = [_link(model, readme), data, *_sizes(model), *figures]
        rows.append(row + ['-'] * (len(header) - len(row)))
    return markdown(header, rows)


def ablation_list(models: Sequence[dict[str, Any]], readme: str) -> str:
    """Links to the ablations, each with what its docstring says of it."""
    lines = []
    for model in models:
        if ABLATIONS in model['Config']:
            text = (project_root() / model['Config']).read_text()
            docstring = ast.get_docstring(ast.parse(text)) or ''
            what = docstring.partition(': ')[2].partition('.\n')[0]
            lines.append(f'- {_link(model, readme)}: {what}')
    return '\n'.join(lines)


def training_command(model: dict[str, Any]) -> str:
    """What trains a model on as many GPUs as its config is for."""
    gpus = _gpus(model)
    if gpus == 1:
        return f'python tools/train.py {model["Config"]}'
    return f'tools/dist_train.sh {model["Config"]} {gpus}'


def duration(hours: float) -> str:
    """Two digits of hours, minutes or seconds, whichever is above 1."""
    for unit, size in (('h', 1), ('min', 1 / 60)):
        if hours >= size:
            return f'{hours / size:.2g} {unit}'
    return f'{hours * 3600:.2g} s'


def _sizes(model: dict[str, Any]) -> list[str]:
    meta = model['Metadata']
    return [
        str(meta['Input Size'][0]),
        f'{meta["Parameters"] / 1e6:.1f}',
        f'{meta["FLOPs"] / 1e9:.2f}',
    ]


def _time(model: dict[str, Any], precision: str) -> str:
    meta = model['Metadata']
    hours = training_hours(
        meta['FLOPs'],
        TRAIN_IMAGES[meta['Training Data']],
        meta['Epochs'],
        _gpus(model),
        precision,
    )
    return f'{duration(hours)} *estimate*'


def _gpus(model: dict[str, Any]) -> int:
    return int(model['Metadata']['Training Resources'].split()[0])


def _with_protocol(result: dict[str, Any], names: Sequence[str]) -> list[str]:
    protocol, source = f'`{result["Protocol"]}`', f'*{result["Source"]}*'
    return [*_percents(result, names), protocol, source]


def _percents(result: dict[str, Any], names: Sequence[str]) -> list[str]:
    found = result['Metrics']
    return [f'{found[n]:.1f}' if n in found else '-' for n in names]


def _link(model: dict[str, Any], page: str) -> str:
    path = model['Config']
    name = path.rsplit('/', 1)[1].removesuffix('.py')
    return f'[{name}]({relpath(path, page.rsplit("/", 1)[0])})'
