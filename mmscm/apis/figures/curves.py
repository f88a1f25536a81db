"""The paper's curves, from the logs and records of work directories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from mmengine.config import Config

from mmscm.apis.results.test_record import TestRecord

PARAMETERS = ('lambda', 'beta')
DEPTH_CURVES = {
    'Top-1 Cls': 'wsol/top1_cls',
    'GT-Known': 'wsol/gt_known',
    'best threshold': 'wsol/gt_known_thr',
}


def scalars_figure(work_dir: str | Path) -> Figure:
    """lambda and beta of every block over training (Fig. 7).

    Args:
        work_dir (str | Path): Of a training with SCM.
    """
    records = training_records(work_dir)
    figure = Figure((9, 3.5), layout='constrained')
    axes = figure.subplots(1, 2)
    for axis, name in zip(axes, PARAMETERS, strict=True):
        blocks = sum(key.startswith(f'scm/{name}_') for key in records[-1])
        for block in range(blocks):
            values = [row[f'scm/{name}_{block}'] for row in records]
            steps = [row['step'] for row in records]
            axis.plot(steps, values, label=f'block {block + 1}')
        axis.set(xlabel='iteration', ylabel=name)
        axis.legend(frameon=False)
    return figure


def training_records(work_dir: str | Path) -> list[dict]:
    """Logged training steps with the scalars of SCM, in order.

    Runs that were resumed are joined; where steps overlap, the later run
    counts.

    Args:
        work_dir (str | Path): Has ``<time>/vis_data/scalars.json``.
    """
    steps = {}
    for path in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            if 'scm/lambda_0' in row:
                steps[row['step']] = row
    if not steps:
        raise FileNotFoundError(
            'Expected logs of a training with SCM in '
            f'{work_dir}/*/vis_data/scalars.json, but got none.'
        )
    return [steps[step] for step in sorted(steps)]


def depth_figure(work_dirs: Sequence[str | Path]) -> Figure:
    """Classification, GT-Known and threshold over blocks (Figs. 7c, 10).

    Args:
        work_dirs (Sequence[str | Path]): One a number of blocks, each
            tested, so that it has its record.
    """
    points = sorted(depth_point(folder) for folder in work_dirs)
    figure = Figure((10, 3.2), layout='constrained')
    axes = figure.subplots(1, len(DEPTH_CURVES))
    for index, (axis, name) in enumerate(zip(axes, DEPTH_CURVES, strict=True)):
        axis.plot([p[0] for p in points], [p[1 + index] for p in points], 'o-')
        unit = 'fraction of the maximum' if 'thr' in name else 'percent'
        axis.set(xlabel='blocks', ylabel=f'{name}, {unit}')
        axis.set_xticks([p[0] for p in points])
    return figure


def depth_point(work_dir: str | Path) -> tuple[float, ...]:
    """Number of blocks, then the values of ``DEPTH_CURVES``.

    Args:
        work_dir (str | Path): With the config of its training and the
            record of a test; no neck counts as 0 blocks.
    """
    metrics = TestRecord.read(work_dir).metrics
    missing = [key for key in DEPTH_CURVES.values() if key not in metrics]
    if missing:
        raise ValueError(
            f'Expected {missing} in the record of {work_dir}, but got '
            f'{sorted(metrics)}.'
        )
    configs = sorted(Path(work_dir).glob('*.py'))
    if len(configs) != 1:
        raise ValueError(
            f'Expected one config in {work_dir}, but got '
            f'{[path.name for path in configs]}.'
        )
    neck = Config.fromfile(configs[0]).model.get('neck') or {}
    blocks = neck.get('num_blocks', 4) if neck else 0
    return (blocks, *(metrics[key] for key in DEPTH_CURVES.values()))
