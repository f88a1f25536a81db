#!/usr/bin/env python
"""Test the finished runs of a plan: tools/experiments/test.py PLAN.

Each best checkpoint is tested once on the test split. Do it when everything
is chosen on val. With --last or --cfg-options thresholds are chosen on val
anew, for a copy of the checkpoint.
"""

from __future__ import annotations

import argparse
import sys

from mmengine.config import DictAction

from mmscm.apis.experiments.final_test import (
    TEST_FOLDER,
    FinalTest,
    score_all,
)
from mmscm.apis.experiments.plan import add_plan_arguments, chosen_runs


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add_plan_arguments(parser)
    parser.add_argument(
        '--last',
        action='store_true',
        help='the last epoch in place of the one that val chose',
    )
    parser.add_argument(
        '--folder',
        help='of the results, in the work directory of each run\n'
        f'(default: {TEST_FOLDER}; another one is needed with --last and\n'
        '--cfg-options)',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        default={},
        metavar='KEY=VALUE',
        help='change the config after the options of the run',
    )
    args = parser.parse_args()
    changed = args.last or args.cfg_options
    if changed and args.folder in (None, TEST_FOLDER):
        parser.error(
            'Expected --folder with --last and --cfg-options, and another '
            f'than {TEST_FOLDER!r}, which has the results of the best '
            'checkpoint.'
        )
    return args


def main() -> None:
    args = parse_args()
    runs = chosen_runs(args.plan, args.only)
    folder = args.folder or TEST_FOLDER
    failed = score_all(runs, FinalTest(folder, args.last, args.cfg_options))
    if failed:
        sys.exit(f'Not tested: {", ".join(failed)}')


if __name__ == '__main__':
    main()
