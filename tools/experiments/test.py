#!/usr/bin/env python
"""Test the finished runs of a plan: tools/experiments/test.py PLAN.

Each best checkpoint is tested once on the test split. Do it when everything
is chosen on val.
"""

from __future__ import annotations

import argparse
import re
import sys

from mmscm.apis.experiments.final_test import score_all
from mmscm.apis.experiments.plan import read_plan


def main() -> None:
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
    args = parser.parse_args()
    runs = [r for r in read_plan(args.plan) if re.search(args.only, r.name)]
    failed = score_all(runs)
    if failed:
        sys.exit(f'Not tested: {", ".join(failed)}')


if __name__ == '__main__':
    main()
