#!/usr/bin/env python
"""Test the finished runs of a plan: tools/experiments/test.py PLAN.

Each best checkpoint is tested once on the test split. Do it when everything
is chosen on val.
"""

from __future__ import annotations

import argparse
import sys

from mmscm.apis.experiments.final_test import score_all
from mmscm.apis.experiments.plan import add_plan_arguments, chosen_runs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add_plan_arguments(parser)
    args = parser.parse_args()
    runs = chosen_runs(args.plan, args.only)
    failed = score_all(runs)
    if failed:
        sys.exit(f'Not tested: {", ".join(failed)}')


if __name__ == '__main__':
    main()
