"""Arrange the scores of a test in rows, print them and keep them as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mmengine import dump, load
from mmengine.evaluator import BaseMetric
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from mmscm.engine.thresholds import StoredThresholds
from mmscm.evaluation.protocols import DEFAULT_PROTOCOL
from mmscm.evaluation.score import ORACLE, Score

FILE_NAME = 'test_metrics.json'
NOTE = (
    'Percent, below it the threshold, a fraction of the maximum of the map. '
    'fixed: set in the config. val: chosen on the val split, stored in the '
    'checkpoint. oracle: the best on the evaluated set, for each value '
    'separately, an upper bound. none: the model predicts boxes.'
)
# first the columns that most protocols have
_ORDER = ('Cls', 'Loc', 'GT-Known', 'MaxBoxAcc', 'PxAP', 'Mask', 'IoU')


@dataclass
class Cell:
    """One value of a row."""

    key: str  # of the metric, 'wsol/gt_known'
    value: float  # percent
    cam_thr: float | None = None  # fraction of the maximum; None: needs none


@dataclass
class Row:
    """Values of one protocol whose thresholds have the same origin."""

    protocol: str  # its name, and what else is special
    origin: str  # 'fixed', 'oracle', or the split of a stored one, 'val'
    scores: dict[str, Cell] = field(default_factory=dict)  # by column


@dataclass
class TestRecord:
    """Results of one test."""

    __test__ = False  # no test case of pytest

    config: str  # file
    checkpoint: str  # what was tested
    metrics: dict[str, float]  # every value by key
    rows: list[Row] = field(default_factory=list)
    # by key, `cam_thrs` and `percent` of values with a grid of thresholds
    curves: dict[str, dict] = field(default_factory=dict)
    stored: dict[str, Any] | None = None  # thresholds of the checkpoint

    def write(self, path: str | Path) -> None:
        """Write as JSON; the folder is made."""
        dump(asdict(self), str(path), indent=2)

    @classmethod
    def read(cls, work_dir: str | Path) -> TestRecord:
        """The record of the last test in a work directory."""
        path = Path(work_dir, FILE_NAME)
        if not path.is_file():
            raise FileNotFoundError(
                f'Expected the record of a test at {path}, but there is '
                'none. tools/test.py CONFIG CHECKPOINT --work-dir '
                f'{work_dir} writes it.'
            )
        record = load(path)
        rows = record.pop('rows', [])
        for row in rows:
            row['scores'] = {k: Cell(**c) for k, c in row['scores'].items()}
        return cls(**record, rows=[Row(**row) for row in rows])

    def unshown(self) -> dict[str, float]:
        """Values that no row has, thresholds of rows left out."""
        shown = {cell.key for row in self.rows for cell in row.scores.values()}
        shown |= {f'{key}_thr' for key in shown}
        return {k: v for k, v in self.metrics.items() if k not in shown}


def scores_of(metrics: Iterable[BaseMetric]) -> list[Score]:
    """What the metrics of an evaluator that has just ended scored."""
    return [s for metric in metrics for s in getattr(metric, 'scores', [])]


def curves_of(scores: Iterable[Score]) -> dict[str, dict]:
    """Values over their grid of thresholds, by key."""
    return {
        score.key: {
            'cam_thrs': score.curve.cam_thrs.round(10).tolist(),
            'percent': score.curve.percent.round(10).tolist(),
        }
        for score in scores
        if score.curve is not None and len(score.curve.cam_thrs) > 1
    }


def result_rows(
    scores: Sequence[Score], stored: StoredThresholds | None = None
) -> list[Row]:
    """One row a protocol and origin of the thresholds, in the given order.

    What needs no threshold is in every row of its protocol. ``stored``
    thresholds, those of the checkpoint, add rows for values whose own was
    not fixed.
    """
    tabled = list(scores)
    if stored is not None:
        tabled += _at_stored(tabled, stored)
    free: dict[str, dict[str, Cell]] = {}
    rows: dict[tuple[str, str], Row] = {}
    for score in tabled:
        cell = Cell(score.key, score.percent, score.cam_thr)
        name = _row_name(score)
        if score.origin is None:
            free.setdefault(name, {})[score.title] = cell
        else:
            row = Row(name, score.origin)
            row = rows.setdefault((name, score.origin), row)
            row.scores[score.title] = cell
    for row in rows.values():
        row.scores = free.get(row.protocol, {}) | row.scores
    order = list(dict.fromkeys(name for name, _ in rows))
    return sorted(rows.values(), key=lambda row: order.index(row.protocol))


def _at_stored(scores: list[Score], stored: StoredThresholds) -> list[Score]:
    """Values at the stored thresholds, as far as their grids have them."""
    # a checkpoint selected on the test set has its thresholds from there too
    chosen_on_test = stored.split == 'test'
    origin = f'{ORACLE}, stored' if chosen_on_test else stored.split
    best = [score for score in scores if score.origin == ORACLE]
    found = []
    for score in best:
        again = score.at(stored.cam_thrs.get(score.key), origin)
        found += [] if again is None else [again]
    for mean in best:
        parts = [part for part in found if _mean_of(part) == _mean_of(mean)]
        if mean.cam_thr is None and len(parts) == len(mean.iou_thrs):
            percent = sum(part.percent for part in parts) / len(parts)
            found.append(replace(mean, percent=percent, origin=origin))
    return found


def _mean_of(score: Score) -> str:
    """Key of the mean over the IoU bounds of a metric."""
    return replace(score, at_iou=None).key


def _row_name(score: Score) -> str:
    """Protocol, version of MaxBoxAcc for wsoleval, IoU if it is not 0.5."""
    name = score.protocol
    if not score.iou_thrs:
        name += ' masks'
    elif name == DEFAULT_PROTOCOL:
        name += ' V2' if score.all_contours else ' V1'
    elif score.all_contours:
        name += ', all contours'
    with_bounds = score.name.startswith('max_box_acc')  # in its columns
    if not with_bounds and score.iou_thrs not in ((), (0.5,)):
        name += f', IoU {score.iou_thrs[0]:g}'
    return name if score.prefix == 'wsol' else f'{name} ({score.prefix})'


def print_results(rows: Sequence[Row], title: str = '') -> None:
    """Print rows as one table with a note on the thresholds."""
    table, console = results_table(rows, title), Console()
    # narrower, values would be cut off; a file has no width of its own
    options = console.options.update_width(1000)
    needed = Measurement.get(console, options, table).maximum
    console.width = max(console.width, needed)
    console.print(table)
    console.print(NOTE, style='dim')


def results_table(rows: Sequence[Row], title: str = '') -> Table:
    """A column a value, two lines a cell: percent and threshold."""
    names = columns_of(rows)
    heading = Text(title) if title else None
    table = Table(
        title=heading, box=box.SIMPLE_HEAD, padding=0, pad_edge=False
    )
    table.add_column('Protocol', no_wrap=True)
    table.add_column('Threshold', no_wrap=True)
    for name in names:
        # on several lines, to fit twelve values side by side
        for part in ('GT-', 'Max', ' '):
            name = name.replace(part, f'{part.strip()}\n')
        table.add_column(name, justify='right', no_wrap=True)
    for row in rows:
        cells = [_text(row.scores.get(name)) for name in names]
        table.add_row(Text(row.protocol), Text(row.origin), *cells)
    return table


def columns_of(rows: Iterable[Row]) -> list[str]:
    """Columns that any row has, kinds of values side by side."""
    names = dict.fromkeys(name for row in rows for name in row.scores)
    return sorted(names, key=lambda name: [k not in name for k in _ORDER])


def _text(cell: Cell | None) -> str:
    """'71.30' above '@0.1', or nothing."""
    if cell is None:
        return ''
    threshold = '' if cell.cam_thr is None else f'\n@{cell.cam_thr:g}'
    return f'{cell.value:.2f}{threshold}'
