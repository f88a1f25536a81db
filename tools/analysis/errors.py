#!/usr/bin/env python
"""Say why Top-1 fails, by class or size: tools/analysis/errors.py WORK_DIR...

A work directory is one that tools/test.py wrote into.
"""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table
from rich.text import Text
from runs import Group, Run, read_tested

from mmscm.evaluation.top1_errors import ERRORS


def error_table(run: Run, what: str, groups: list[Group]) -> Table:
    """Percent of the images of each group, a column an error."""
    first = run.images[0]
    title = f'{run.name}, threshold {first.cam_thr:g} ({first.origin})'
    table = Table(title=Text(title))
    table.add_column(what)
    headings = [name.replace('_', ' ') for name in ERRORS]
    for name in ('images', 'GT-Known', 'mean IoU', *headings):
        table.add_column(name, justify='right')
    for group in groups:
        table.add_row(
            Text(group.name),
            str(len(group.images)),
            f'{group.gt_known:.1f}',
            f'{group.mean_iou:.2f}',
            *(f'{share:.1f}' for share in group.errors.values()),
        )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        'work_dirs', nargs='+', metavar='WORK_DIR', help='one a run'
    )
    parser.add_argument(
        '--by',
        choices=['size', 'class', 'all'],
        default='all',
        help='rows (default: all images, then by size and by class)',
    )
    args = parser.parse_args()
    console = Console(width=max(Console().width, 100))
    for run in read_tested(args.work_dirs):
        if args.by == 'all':
            console.print(error_table(run, 'Run', [run.overall()]))
        if args.by in ('all', 'size'):
            console.print(error_table(run, 'Size', run.by('size_group')))
        if args.by in ('all', 'class'):
            console.print(error_table(run, 'Class', run.by('class_name')))


if __name__ == '__main__':
    main()
