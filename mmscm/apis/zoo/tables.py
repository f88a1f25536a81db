"""Tables of the model zoo, from the entries of the metafiles."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from mmscm.apis.zoo.cells import (
    SIZE,
    estimated_time,
    link,
    percents,
    sizes,
    training_command,
    with_protocol,
)
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
ABLATIONS = '/ablations/'


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
            *percents(result, names),
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
            *sizes(model),
            estimated_time(model, 'float32'),
            estimated_time(model, 'float16'),
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
        figures = with_protocol(results[0], names) if results else []
        data = model['Metadata']['Training Data']
        row = [link(model, readme), data, *sizes(model), *figures]
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
            lines.append(f'- {link(model, readme)}: {what}')
    return '\n'.join(lines)


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ['---'] * len(header), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)
