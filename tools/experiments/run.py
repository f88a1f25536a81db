#!/usr/bin/env python
"""Run a plan of trainings: tools/experiments/run.py PLAN.

Finished runs are skipped and interrupted ones go on, so the command can be
given again at any time.
"""

from __future__ import annotations

import argparse
import re
import sys

from mmscm.apis.experiments.plan import read_plan
from mmscm.apis.experiments.queue import run_all, training_tool


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('plan', help='as tools/experiments/imagenette_plan.py')
    parser.add_argument(
        '--only',
        default='',
        metavar='PATTERN',
        help='only runs whose name has this regular expression',
    )
    parser.add_argument(
        '--list', action='store_true', help='print the commands, run nothing'
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    runs = [r for r in read_plan(args.plan) if re.search(args.only, r.name)]
    if not runs:
        sys.exit(f'Expected a run of {args.plan} with {args.only!r}: none.')
    if args.list:
        for run in runs:
            print('tools/train.py', *run.command())
        return
    failed = run_all(runs, training_tool())
    if failed:
        sys.exit(f'Not finished: {", ".join(failed)}')


if __name__ == '__main__':
    main()
