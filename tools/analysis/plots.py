"""Draw runs over thresholds and epochs, their errors and sizes."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

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
V2_CURVES = {
    'IoU 0.3': ('wsol/max_box_acc_v2_at30', ':'),
    'IoU 0.5': ('wsol/max_box_acc_v2_at50', '-'),
    'IoU 0.7': ('wsol/max_box_acc_v2_at70', '--'),
}


def threshold_figure(runs: Sequence[Run]) -> Figure:
    """GT-Known over the threshold, with the best point (Fig. 10)."""
    axes = _axes('Threshold, fraction of the maximum', 'GT-Known, percent')
    for run, color in zip(runs, _colors(runs), strict=True):
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
    for run, color in zip(runs, _colors(runs), strict=True):
        for bound, (key, style) in V2_CURVES.items():
            curve = run.over_thresholds(key)
            label = f'{run.name}, {bound}'
            if curve is not None:
                axes.plot(*curve, style, color=color, label=label)
    return _finished(axes)


def epoch_figure(runs: Sequence[Run]) -> Figure:
    """Trade-off of classification and localization (Fig. 5).

    A point an epoch, joined in their order; numbers are epochs.
    """
    axes = _axes('Top-1 classification, percent', 'GT-Known, percent')
    for run, color in zip(runs, _colors(runs), strict=True):
        cls = run.epochs.get('wsol/top1_cls', {})
        loc = run.epochs.get('wsol/gt_known', {})
        epochs = sorted(set(cls) & set(loc))
        if not epochs:
            continue
        points = [(cls[epoch], loc[epoch]) for epoch in epochs]
        axes.plot(
            *zip(*points, strict=True), '.-', color=color, label=run.name
        )
        for epoch, point in zip(epochs, points, strict=True):
            if len(epochs) < 12 or epoch in (epochs[0], epochs[-1]):
                axes.annotate(
                    str(epoch),
                    point,
                    textcoords='offset points',
                    xytext=(3, 3),
                    fontsize=8,
                )
    return _finished(axes)


def error_figure(runs: Sequence[Run]) -> Figure:
    """Shares of the errors of Top-1, one bar a run."""
    axes = _axes('Percent of the images', '', height=1.3 + 0.45 * len(runs))
    for row, run in enumerate(runs):
        left = 0.0
        for name, share in run.overall().errors.items():
            axes.barh(
                row,
                share,
                left=left,
                color=ERROR_COLORS[name],
                label=name.replace('_', ' ') if row == 0 else None,
            )
            left += share
    axes.set_yticks(range(len(runs)), [run.name for run in runs])
    axes.invert_yaxis()
    return _finished(axes, columns=3)


def size_figure(runs: Sequence[Run]) -> Figure:
    """GT-Known by size of the object."""
    axes = _axes('Share of the image in the object', 'GT-Known, percent')
    names = sorted({g.name for run in runs for g in run.by_size()})
    for run, color in zip(runs, _colors(runs), strict=True):
        found = {group.name: group.gt_known for group in run.by_size()}
        shown = [name for name in names if name in found]
        places = [names.index(name) for name in shown]
        values = [found[name] for name in shown]
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


def _axes(x_label: str, y_label: str, height: float = 3.6) -> Axes:
    figure = Figure(figsize=(5.2, height), layout='constrained')
    axes = figure.add_subplot()
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.spines[['top', 'right']].set_visible(False)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    return axes


def _finished(axes: Axes, columns: int = 1) -> Figure:
    handles, _ = axes.get_legend_handles_labels()
    if handles:
        axes.figure.legend(
            loc='outside lower center',
            ncols=columns,
            frameon=False,
            fontsize=8,
        )
    return axes.figure


def _colors(runs: Sequence[Run]) -> list[str]:
    return [COLORS[i % len(COLORS)] for i in range(len(runs))]
