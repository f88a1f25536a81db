#!/usr/bin/env python
"""Write an HTML report about tests: tools/analysis/report.py WORK_DIR...

A work directory is one that tools/test.py wrote into. The file needs no
network and no other file.
"""

from __future__ import annotations

import argparse

from mmscm.apis.report import write_report


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


def main() -> None:
    args = parse_args()
    out = write_report(args.work_dirs, args.out, args.images, args.title)
    print(f'written to {out} ({out.stat().st_size / 1e6:.1f} MB)')


if __name__ == '__main__':
    main()
