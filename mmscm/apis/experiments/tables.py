"""Tables of finished runs as Markdown: mean and spread over seeds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from statistics import mean, stdev

from mmscm.apis.experiments.record import RunRecord
from mmscm.apis.results.test_record import TestRecord

SEED = re.compile(r'_seed\d+$')
VAL_COLUMNS = {
    'Cls': 'wsol/top1_cls',
    'GT-Known': 'wsol/gt_known',
    'Top-1 Loc': 'wsol/top1_loc',
    'V2': 'wsol/max_box_acc_v2',
}
SELECT = 'wsol/gt_known'  # chooses the epoch


def group_name(name: str) -> str:
    """Name of a run without its seed: ``scm_seed2`` -> ``scm``."""
    return SEED.sub('', name)


def by_group(names: Iterable[str]) -> dict[str, list[str]]:
    """Names of runs that differ in their seed only, in order."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(group_name(name), []).append(name)
    return groups


def best_epoch(record: RunRecord) -> str:
    """The first epoch with the best val GT-Known."""
    curve = record.val[SELECT]
    return max(curve, key=lambda epoch: (curve[epoch], -int(epoch)))


def spread(values: Sequence[float]) -> str:
    """``44.0 ± 1.2``: mean and standard deviation of the sample."""
    if len(values) < 2:
        return f'{values[0]:.1f}'
    return f'{mean(values):.1f} ± {stdev(values):.1f}'


def val_table(records: Sequence[RunRecord]) -> str:
    """Scores on val at the epoch that val chooses.

    Args:
        records (Sequence[RunRecord]): Finished runs.

    Returns:
        str: One row a group of seeds; thresholds are the best on val.
    """
    runs = {record.name: record for record in records if record.val}
    header = ['run', 'seeds', 'epoch', *VAL_COLUMNS]
    rows = []
    for group, names in by_group(runs).items():
        chosen = [(runs[name], best_epoch(runs[name])) for name in names]
        scores = [
            spread([record.val[key][epoch] for record, epoch in chosen])
            for key in VAL_COLUMNS.values()
        ]
        epochs = ', '.join(epoch for _, epoch in chosen)
        rows.append([group, str(len(names)), epochs, *scores])
    return markdown(header, rows)


def epoch_table(records: Sequence[RunRecord]) -> str:
    """Classification and GT-Known on val after every epoch.

    Args:
        records (Sequence[RunRecord]): Finished runs of the same length.

    Returns:
        str: One row a group, ``Cls / GT-Known`` in every cell.
    """
    runs = {record.name: record for record in records if record.val}
    epochs = list(next(iter(runs.values())).val[SELECT])
    rows = []
    for group, names in by_group(runs).items():
        cells = [
            ' / '.join(
                spread([runs[name].val[key][epoch] for name in names])
                for key in ('wsol/top1_cls', SELECT)
            )
            for epoch in epochs
        ]
        rows.append([group, *cells])
    return markdown(['run', *(f'epoch {e}' for e in epochs)], rows)


def protocol_table(tests: dict[str, TestRecord]) -> str:
    """Every protocol and origin of the thresholds on the test split.

    Args:
        tests (dict[str, TestRecord]): By name of the run.

    Returns:
        str: One row a group, protocol and origin.
    """
    columns = ('Top-1 Cls', 'Top-1 Loc', 'GT-Known', 'MaxBoxAcc')
    rows = []
    for group, names in by_group(tests).items():
        for index, row in enumerate(tests[names[0]].rows):
            same = [tests[name].rows[index].scores for name in names]
            cells = [
                spread([scores[column].value for scores in same])
                if column in row.scores
                else '-'
                for column in columns
            ]
            rows.append([group, row.protocol, row.origin, *cells])
    return markdown(['run', 'protocol', 'thresholds', *columns], rows)


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ['---'] * len(header), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)
