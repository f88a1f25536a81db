"""The page itself: data, figures and a template."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mmscm.apis.report import plots
from mmscm.apis.report.gallery import gallery
from mmscm.apis.results.rows import Row
from mmscm.apis.results.runs import Run, read_runs
from mmscm.apis.results.table import NOTE, columns_of
from mmscm.evaluation.error_split import ERRORS
from mmscm.version import __version__


def write_report(
    work_dirs: Sequence[str | Path],
    out: str | Path,
    images: int = 24,
    title: str = 'Localization report',
) -> Path:
    """Write one HTML file that needs no other file and no network.

    Args:
        work_dirs (Sequence[str | Path]): Of ``tools/test.py``, one a run.
        out (str | Path): File to write; its folder is made.
        images (int): Best, median and worst images of each run.
        title (str): Heading.

    Returns:
        Path: The file.
    """
    runs = read_runs(work_dirs)
    text = _template().render(
        title=title,
        version=__version__,
        note=NOTE,
        runs=runs,
        rows=_rows(runs),
        errors=ERRORS,
        error_colors=plots.ERROR_COLORS,
        columns=_columns(runs),
        figures=_figures(runs),
        cards=[card for run in runs for card in gallery(run, images)],
        style=_asset('style.css'),
        script=_asset('script.js'),
    )
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding='utf-8')
    return out


def _columns(runs: Sequence[Run]) -> list[str]:
    """What most rows have comes first: a phone shows three columns."""
    names = columns_of(row for run in runs for row in run.record.rows)
    return sorted(names, key=lambda n: n not in ('GT-Known', 'MaxBoxAcc'))


def _rows(runs: Sequence[Run]) -> list[tuple[Run, Row]]:
    """Rows of all runs, those of one protocol and origin side by side."""
    found = [(run, row) for run in runs for row in run.record.rows]
    order = list(dict.fromkeys((r.protocol, r.origin) for _, r in found))
    return sorted(
        found, key=lambda pair: order.index((pair[1].protocol, pair[1].origin))
    )


def _figures(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Caption and address of every figure that has something to show."""
    figures = [
        (
            'GT-Known over the threshold; a dot is the best',
            'threshold',
        ),
        ('MaxBoxAccV2 over the threshold', 'box'),
        ('Why Top-1 localization fails', 'error'),
        ('GT-Known by size of the object', 'size'),
    ]
    if any(run.epochs.get('wsol/gt_known') for run in runs):
        caption = 'Classification against localization on val, by epoch'
        figures.append((caption, 'epoch'))
    return [
        (caption, plots.svg_address(getattr(plots, f'{name}_figure')(runs)))
        for caption, name in figures
    ]


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader('mmscm.apis.report', '.'),
        autoescape=True,  # names of images and classes are not trusted
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template('template.html')


def _asset(name: str) -> str:
    return files('mmscm.apis.report').joinpath(name).read_text('utf-8')
