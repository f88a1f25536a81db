#!/usr/bin/env python
"""Write an HTML report about tests: tools/analysis/report.py WORK_DIR...

A work directory is one that tools/test.py wrote into. The file needs no
network and no other file. --figures FOLDER writes, in place of the report,

thresholds  GT-Known over the threshold (paper, Fig. 10)
boxes       MaxBoxAccV2 over the threshold
epochs      classification against localization on val, a point an epoch
            (paper, Fig. 5), of what tools/train.py wrote too
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import plots
from image_rows import FOLDER, ImageRow, picture_path
from page import jpeg_address, write_page
from runs import Run, read_curves, read_tested

from mmscm.apis.results import NOTE, columns_of
from mmscm.evaluation.top1_errors import ERRORS
from mmscm.options import make_parser

FIGURES = {
    'GT-Known over the threshold; a dot is the best': plots.threshold_figure,
    'MaxBoxAccV2 over the threshold': plots.box_figure,
    'Why Top-1 localization fails': plots.error_figure,
    'GT-Known by size of the object': plots.size_figure,
    'Classification against localization on val, by epoch': (
        plots.epoch_figure
    ),
}


FILES = {
    'thresholds': plots.threshold_figure,
    'boxes': plots.box_figure,
    'epochs': plots.epoch_figure,
}


class Card(NamedTuple):
    """One image of the gallery."""

    run: str  # its name
    group: str  # 'best', 'median' or 'worst'
    image: ImageRow
    picture: str  # address that holds the network input and its map


def write_report(
    work_dirs: Sequence[str | Path], out: str | Path, images: int = 24
) -> Path:
    """Write one HTML file that needs no other file and no network.

    Args:
        work_dirs (Sequence[str | Path]): Of ``tools/test.py``, one a run.
        out (str | Path): File to write; its folder is made.
        images (int): Best, median and worst images of each run.

    Returns:
        Path: The file.
    """
    runs = read_tested(work_dirs)
    rows = [(run, row) for run in runs for row in run.record.rows]
    kinds = [(row.protocol, row.origin) for _, row in rows]
    # those of one protocol and origin are side by side
    rows.sort(key=lambda pair: kinds.index((pair[1].protocol, pair[1].origin)))
    # what most rows have comes first: a phone shows three columns
    first = ('GT-Known', 'MaxBoxAcc', 'MaxBoxAccV2')
    columns = columns_of(row for _, row in rows)
    return write_page(
        'report.html',
        out,
        title='Localization report',
        note=NOTE,
        runs=runs,
        rows=rows,
        errors=ERRORS,
        error_colors=plots.ERROR_COLORS,
        columns=sorted(columns, key=lambda name: name not in first),
        figures=[
            (caption, plots.svg_address(figure))
            for caption, draw in FIGURES.items()
            if (figure := draw(runs)).axes[0].has_data()
        ],
        cards=[card for run in runs for card in gallery(run, images)],
    )


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
        Card(
            run.name,
            group,
            image,
            jpeg_address(paths[image.index].read_bytes()),
        )
        for group, members in groups.items()
        for image in members
    ]


def write_figures(
    work_dirs: Sequence[str | Path], folder: Path, suffix: str
) -> None:
    """Write those of ``FILES`` that the runs have values for."""
    runs = read_curves(work_dirs)
    figures = {
        folder / f'{k}.{suffix}': draw(runs) for k, draw in FILES.items()
    }
    figures = {k: fig for k, fig in figures.items() if fig.axes[0].has_data()}
    if not figures:
        sys.exit(
            'Expected logs of tools/train.py or records of tools/test.py in '
            f'{work_dirs}, but got none with values of localization.'
        )
    folder.mkdir(parents=True, exist_ok=True)
    for path, figure in figures.items():
        figure.savefig(path, dpi=200)
    print('written to', *figures)


def main() -> None:
    parser = make_parser(__doc__)
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
    parser.add_argument(
        '--figures', type=Path, metavar='FOLDER', help='figures alone'
    )
    parser.add_argument(
        '--format', choices=['png', 'svg', 'pdf'], default='png'
    )
    args = parser.parse_args()
    if args.figures:
        write_figures(args.work_dirs, args.figures, args.format)
        return
    out = write_report(args.work_dirs, args.out, args.images)
    print(f'written to {out} ({out.stat().st_size / 1e6:.1f} MB)')


if __name__ == '__main__':
    main()
