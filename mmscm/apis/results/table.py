"""Rows of results as a table in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mmscm.apis.results.rows import Row, Score

NOTE = (
    'Percent, below it the threshold, a fraction of the maximum of the map. '
    'fixed: set in the config. val: chosen on the val split, stored in the '
    'checkpoint. oracle: the best on the evaluated set, for each value '
    'separately, an upper bound.'
)
# first the columns that most protocols have
_ORDER = ('Cls', 'Loc', 'GT-Known', 'MaxBoxAcc', 'PxAP', 'Mask', 'IoU')


def print_results(rows: Sequence[Row], title: str = '') -> None:
    """Print rows as one table with a note on the thresholds."""
    # narrower, values would be cut off; a file has no width of its own
    console = Console(width=max(Console().width, 100))
    console.print(results_table(rows, title))
    console.print(NOTE, style='dim')


def results_table(rows: Sequence[Row], title: str = '') -> Table:
    """A column a value, two lines a cell: percent and threshold."""
    names = columns_of(rows)
    table = Table(
        title=Text(title) if title else None,
        box=box.SIMPLE_HEAD,
        padding=0,
        pad_edge=False,
    )
    table.add_column('Protocol', no_wrap=True)
    table.add_column('Threshold', no_wrap=True)
    for name in names:
        table.add_column(_narrow(name), justify='right', no_wrap=True)
    for row in rows:
        cells = [cell_text(row.scores.get(name)) for name in names]
        table.add_row(Text(row.protocol), Text(row.origin), *cells)
    return table


def _narrow(name: str) -> str:
    """A heading on several lines, to fit twelve values side by side."""
    name = name.replace('GT-Known', 'GT-\nKnown')
    return name.replace('MaxBoxAcc', 'Max\nBoxAcc').replace(' ', '\n')


def columns_of(rows: Iterable[Row]) -> list[str]:
    """Columns that any row has, kinds of values side by side."""
    names = dict.fromkeys(name for row in rows for name in row.scores)

    def kind(name: str) -> int:
        return next(
            (i for i, part in enumerate(_ORDER) if part in name), len(_ORDER)
        )

    return sorted(names, key=kind)


def cell_text(score: Score | None, separator: str = '\n') -> str:
    """'71.30' and '@0.1', or nothing."""
    if score is None:
        return ''
    if score.cam_thr is None:
        return f'{score.value:.2f}'
    return f'{score.value:.2f}{separator}@{score.cam_thr:g}'
