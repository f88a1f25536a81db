"""Draw runs over thresholds and epochs, their errors and sizes."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from itertools import cycle

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from runs import Run

from mmscm.evaluation.top1_errors import ERRORS

# Okabe and Ito, told apart with any colour vision
COLORS = ('#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9')
ERROR_COLORS = dict(
    zip(
        ERRORS,
        ('#009E73', '#999999', '#CC79A7', '#56B4E9', '#E69F00', '#D55E00'),
        strict=True,
    )
)
STYLES = {30: ':', 50: '-', 70: '--'}  # of IoU bounds, percent


def threshold_figure(runs: Sequence[Run]) -> Figure:
    """GT-Known over the threshold, with the best point (Fig. 10)."""
    axes = _axes('Threshold, fraction of the maximum', 'GT-Known, percent')
    for run, color in _colored(runs):
        curve = run.over_thresholds('wsol/gt_known')
        if curve is not None:
            thrs, percent = curve
            axes.plot(thrs, percent, color=color, label=run.name)
            best = max(range(len(percent)), key=percent.__getitem__)
            axes.plot(thrs[best], percent[best], 'o', color=color)
    return _finished(axes)


def box_figure(runs: Sequence[Run]) -> Figure:
    """MaxBoxAccV2 of every IoU bound over the threshold."""
    axes = _axes('Threshold, fraction of the maximum', 'Percent, any contour')
    for run, color in _colored(runs):
        for bound, style in STYLES.items():
            curve = run.over_thresholds(f'wsol/max_box_acc_v2_at{bound}')
            label = f'{run.name}, IoU {bound / 100}'
            if curve is not None:
                axes.plot(*curve, style, color=color, label=label)
    return _finished(axes)


def epoch_figure(runs: Sequence[Run]) -> Figure:
    """Trade-off of classification and localization (Fig. 5).

    A point an epoch, joined in their order; numbers are epochs.
    """
    axes = _axes('Top-1 classification, percent', 'GT-Known, percent')
    for run, color in _colored(runs):
        cls = run.epochs.get('wsol/top1_cls', {})
        loc = run.epochs.get('wsol/gt_known', {})
        epochs = sorted(set(cls) & set(loc))
        if not epochs:
            continue
        points = [(cls[epoch], loc[epoch]) for epoch in epochs]
        columns = zip(*points, strict=True)
        axes.plot(*columns, '.-', color=color, label=run.name)
        for epoch, point in zip(epochs, points, strict=True):
            if len(epochs) < 12 or epoch in (epochs[0], epochs[-1]):
                beside = dict(textcoords='offset points', xytext=(3, 3))
                axes.annotate(str(epoch), point, fontsize=8, **beside)
    return _finished(axes)


def error_figure(runs: Sequence[Run]) -> Figure:
    """Shares of the errors of Top-1, one bar a run."""
    axes = _axes('Percent of the images', '', height=1.3 + 0.45 * len(runs))
    names, left = [run.name for run in runs], [0.0] * len(runs)
    for error, color in ERROR_COLORS.items():
        shares = [run.overall().errors[error] for run in runs]
        label = error.replace('_', ' ')
        axes.barh(names, shares, left=left, color=color, label=label)
        left = [sum(pair) for pair in zip(left, shares, strict=True)]
    axes.invert_yaxis()
    return _finished(axes, columns=3)


def size_figure(runs: Sequence[Run]) -> Figure:
    """GT-Known by size of the object."""
    axes = _axes('Share of the image in the object', 'GT-Known, percent')
    names = sorted({i.size_group for run in runs for i in run.images})
    for run, color in _colored(runs):
        groups = run.by('size_group')
        places = [names.index(group.name) for group in groups]
        values = [group.gt_known for group in groups]
        axes.plot(places, values, 'o-', color=color, label=run.name)
    axes.set_xticks(range(len(names)), [name.strip() for name in names])
    return _finished(axes)


def svg_address(figure: Figure) -> str:
    """A figure as the address of an image, ``data:image/svg+xml;...``."""
    buffer = io.BytesIO()
    with rc_context({'svg.fonttype': 'none', 'svg.hashsalt': 'mmscm'}):
        figure.savefig(buffer, format='svg', metadata={'Date': None})
    text = base64.b64encode(buffer.getvalue()).decode()
    return f'data:image/svg+xml;base64,{text}'


def _colored(runs: Sequence[Run]) -> Iterator[tuple[Run, str]]:
    return zip(runs, cycle(COLORS), strict=False)


def _axes(x_label: str, y_label: str, height: float = 3.6) -> Axes:
    figure = Figure(figsize=(5.2, height), layout='constrained')
    axes = figure.add_subplot(xlabel=x_label, ylabel=y_label)
    axes.spines[['top', 'right']].set_visible(False)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    return axes


def _finished(axes: Axes, columns: int = 1) -> Figure:
    if axes.get_legend_handles_labels()[0]:
        place = dict(loc='outside lower center', ncols=columns)
        axes.figure.legend(**place, frameon=False, fontsize=8)
    return axes.figure
