#!/usr/bin/env python
"""Run a plan of trainings: tools/experiments/run.py PLAN.

Finished runs are skipped and interrupted ones go on, so the command can be
given again at any time.
"""

from __future__ import annotations

import argparse
import sys

from mmscm.apis.experiments.plan import add_plan_arguments, chosen_runs
from mmscm.apis.experiments.queue import run_all, training_tool


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add_plan_arguments(parser)
    parser.add_argument(
        '--list', action='store_true', help='print the commands, run nothing'
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    runs = chosen_runs(args.plan, args.only)
    if args.list:
        for run in runs:
            print('tools/train.py', *run.command())
        return
    failed = run_all(runs, training_tool())
    if failed:
        sys.exit(f'Not finished: {", ".join(failed)}')


if __name__ == '__main__':
    main()
