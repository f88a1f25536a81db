#!/usr/bin/env python
"""Draw curves of runs: tools/analysis/curves.py WORK_DIR... --out FOLDER

thresholds.png  GT-Known over the threshold (paper, Fig. 10), after
                tools/test.py
boxes.png       MaxBoxAccV2 over the threshold, after tools/test.py
epochs.png      classification against localization on val, a point an epoch
                (paper, Fig. 5), from the log of tools/train.py
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from plots import box_figure, epoch_figure, threshold_figure
from runs import read_curves

FIGURES = {
    'thresholds': threshold_figure,
    'boxes': box_figure,
    'epochs': epoch_figure,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        'work_dirs', nargs='+', metavar='WORK_DIR', help='one a run'
    )
    parser.add_argument(
        '--out', type=Path, default='.', help='folder (default: here)'
    )
    parser.add_argument(
        '--format', choices=['png', 'svg', 'pdf'], default='png'
    )
    args = parser.parse_args()
    runs = read_curves(args.work_dirs)
    args.out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, draw in FIGURES.items():
        figure = draw(runs)
        if figure.axes[0].has_data():
            written.append(args.out / f'{name}.{args.format}')
            figure.savefig(written[-1], dpi=200)
    if not written:
        sys.exit(
            'Expected logs of tools/train.py or records of tools/test.py in '
            f'{args.work_dirs}, but got none with values of localization.'
        )
    print('written to', ', '.join(map(str, written)))


if __name__ == '__main__':
    main()
