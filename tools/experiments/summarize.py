#!/usr/bin/env python
"""Tables of a plan's finished runs: tools/experiments/summarize.py PLAN.

Markdown on standard output. Val scores come from the trainings; --test adds
those of tools/experiments/test.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mmscm.apis.experiments.comparison import (
    class_table,
    difference_table,
    error_table,
    size_table,
)
from mmscm.apis.experiments.final_test import TEST_FOLDER
from mmscm.apis.experiments.plan import Experiment, read_plan
from mmscm.apis.experiments.record import RunRecord
from mmscm.apis.experiments.tables import (
    by_group,
    epoch_table,
    protocol_table,
    val_table,
)
from mmscm.apis.results.runs import Run, read_runs
from mmscm.apis.results.test_record import FILE_NAME


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('plan', help='as tools/experiments/imagenette_plan.py')
    parser.add_argument(
        '--test', action='store_true', help='tables of the test split'
    )
    parser.add_argument(
        '--folder',
        default=TEST_FOLDER,
        help='of the results of tools/experiments/test.py\n'
        f'(default: {TEST_FOLDER})',
    )
    parser.add_argument(
        '--differences',
        nargs=2,
        metavar='GROUP',
        help='two groups of seeds whose difference is tested, such as\n'
        'tscam scm (with --test)',
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    plan = read_plan(args.plan)
    if args.test or args.differences:
        print_test(plan, args.folder, args.differences)
    else:
        print_val(plan)


def print_val(plan: Sequence[Experiment]) -> None:
    found = [RunRecord.read(run.work_dir) for run in plan]
    records = [record for record in found if record is not None]
    print(f'{len(records)} of {len(plan)} runs are finished.\n')
    print(val_table(records), '\n')
    for length in sorted({record.epochs for record in records} - {0}):
        same = [record for record in records if record.epochs == length]
        print(epoch_table(same), '\n')


def print_test(
    plan: Sequence[Experiment],
    folder: str,
    differences: Sequence[str] | None,
) -> None:
    folders = {run.name: run.work_dir / folder for run in plan}
    tested = {
        name: folder
        for name, folder in folders.items()
        if (folder / FILE_NAME).is_file()
    }
    runs = dict(zip(tested, read_runs(list(tested.values())), strict=True))
    print(
        protocol_table({name: run.record for name, run in runs.items()}), '\n'
    )
    groups: dict[str, list[Run]] = {
        group: [runs[name] for name in names]
        for group, names in by_group(runs).items()
    }
    for table in (size_table, class_table, error_table):
        print(table(groups), '\n')
    if differences:
        first, second = (groups[name] for name in differences)
        print(f'{differences[1]} - {differences[0]}\n')
        print(difference_table(first, second))


if __name__ == '__main__':
    main()
