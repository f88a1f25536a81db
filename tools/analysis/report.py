#!/usr/bin/env python
"""Write an HTML report about tests: tools/analysis/report.py WORK_DIR...

A work directory is one that tools/test.py wrote into. The file needs no
network and no other file.
"""

from __future__ import annotations

import argparse
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import plots
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from runs import Run, read_tested

from mmscm.apis.image_rows import FOLDER, ImageRow, picture_path
from mmscm.apis.results import NOTE, Row, columns_of
from mmscm.evaluation.top1_errors import ERRORS
from mmscm.version import __version__

PAGE = Path(__file__).parent / 'report_page'


@dataclass(frozen=True)
class Card:
    """One image of the gallery.

    Attributes:
        run (str): Name of the run.
        group (str): 'best', 'median' or 'worst'.
        image (ImageRow): Its classes, boxes and error.
        picture (str): Address that holds the network input and, on its
            right, the map.
    """

    run: str
    group: str
    image: ImageRow
    picture: str


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        'work_dirs', nargs='+', metavar='WORK_DIR', help='one a run'
    )
    parser.add_argument(
        '--out', default='report.html', help='file (default: report.html)'
    )
    parser.add_argument(
        '--images',
        type=int,
        default=24,
        help='best, median and worst images of each run (default: 24)',
    )
    parser.add_argument('--title', default='Localization report')
    return parser.parse_args()


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
    runs = read_tested(work_dirs)
    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,  # names of images and classes are not trusted
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template('template.html').render(
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
        style=(PAGE / 'style.css').read_text('utf-8'),
        script=(PAGE / 'script.js').read_text('utf-8'),
    )
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding='utf-8')
    return out


def gallery(run: Run, count: int) -> list[Card]:
    """Cards of the images with the best, median and worst boxes.

    Args:
        run (Run): One test.
        count (int): Images of each of the three.

    Returns:
        list[Card]: No image twice; those without a picture are left out.
    """
    folder = run.folder / FOLDER
    paths = {i.index: picture_path(folder, i.index) for i in run.images}
    pictured = [i for i in run.images if paths[i.index].is_file()]
    ranked = sorted(pictured, key=lambda image: -image.iou)
    count = min(count, -(-len(ranked) // 3))
    start = max((len(ranked) - count) // 2, count)
    groups = {
        'best': ranked[:count],
        'median': ranked[start : start + count],
        'worst': ranked[max(start + count, len(ranked) - count) :],
    }
    return [
        Card(run.name, group, image, _address(paths[image.index]))
        for group, members in groups.items()
        for image in members
    ]


def _address(path: Path) -> str:
    """A JPEG as an address that holds it."""
    text = base64.b64encode(path.read_bytes()).decode()
    return f'data:image/jpeg;base64,{text}'


def _columns(runs: Sequence[Run]) -> list[str]:
    """What most rows have comes first: a phone shows three columns."""
    names = columns_of(row for run in runs for row in run.record.rows)
    first = ('GT-Known', 'MaxBoxAcc', 'MaxBoxAccV2')
    return sorted(names, key=lambda name: name not in first)


def _rows(runs: Sequence[Run]) -> list[tuple[Run, Row]]:
    """Rows of all runs, those of one protocol and origin side by side."""
    found = [(run, row) for run in runs for row in run.record.rows]
    order = list(dict.fromkeys((r.protocol, r.origin) for _, r in found))
    return sorted(
        found, key=lambda pair: order.index((pair[1].protocol, pair[1].origin))
    )


def _figures(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Caption and address of every figure that has something to show."""
    figures = {
        'GT-Known over the threshold; a dot is the best': (
            plots.threshold_figure
        ),
        'MaxBoxAccV2 over the threshold': plots.box_figure,
        'Why Top-1 localization fails': plots.error_figure,
        'GT-Known by size of the object': plots.size_figure,
    }
    if any(run.epochs.get('wsol/gt_known') for run in runs):
        caption = 'Classification against localization on val, by epoch'
        figures[caption] = plots.epoch_figure
    return [
        (caption, plots.svg_address(draw(runs)))
        for caption, draw in figures.items()
    ]


def main() -> None:
    args = parse_args()
    out = write_report(args.work_dirs, args.out, args.images, args.title)
    print(f'written to {out} ({out.stat().st_size / 1e6:.1f} MB)')


if __name__ == '__main__':
    main()
