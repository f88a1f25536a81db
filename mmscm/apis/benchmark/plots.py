"""Time and graph memory of a block over the number of patches."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .timing import Row

LABELS = {'dense': 'dense reference', 'mmscm': 'mmscm'}
COLORS = {'dense': '#b2541a', 'mmscm': '#1f5fa8'}


def plot_neck(results: dict[str, list], path: Path) -> None:
    """Draw both quantities on logarithmic axes.

    Args:
        results (dict[str, list]): Of :func:`~.neck.benchmark_neck`.
        path (Path): Picture to write.
    """
    matplotlib.use('Agg')
    figure = Figure(figsize=(9, 3.6), layout='constrained')
    time_axes, memory_axes = figure.subplots(1, 2)
    times: list[Row] = results['times']
    for name in LABELS:
        rows = [row for row in times if row.name == name]
        patches = [_patches(row.case) for row in rows]
        _line(time_axes, name, patches, [row.fastest * 1e3 for row in rows])
        kept = [row for row in results['memory'] if row['name'] == name]
        patches = [_patches(row['case']) for row in kept]
        _line(memory_axes, name, patches, [row['bytes'] / 1e6 for row in kept])
    time_axes.set_title('Forward and backward of one block')
    time_axes.set_ylabel('milliseconds')
    memory_axes.set_title('Kept for the backward pass')
    memory_axes.set_ylabel('MB')
    for axes in (time_axes, memory_axes):
        axes.set_xlabel('patches N')
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def slope(patches: list[float], values: list[float]) -> float:
    """Exponent k of ``values ~ patches^k``, by least squares."""
    return float(np.polyfit(np.log(patches), np.log(values), 1)[0])


def _line(
    axes: Axes, name: str, patches: list[int], values: list[float]
) -> None:
    # from 14 x 14 on: below, the cost of a call hides that of the work
    large = [i for i, count in enumerate(patches) if count >= 196]
    exponent = slope([patches[i] for i in large], [values[i] for i in large])
    axes.loglog(
        patches,
        values,
        marker='o',
        color=COLORS[name],
        label=f'{LABELS[name]}, N^{exponent:.2f}',
    )


def _patches(case: str) -> int:
    rows, columns = case.split('x')
    return int(rows) * int(columns)
