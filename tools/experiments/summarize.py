#!/usr/bin/env python
"""Print tables of trained runs, over seeds: summarize.py WORK_DIR...

Markdown. Runs that differ in the end _seed0 of their names only are one
method. Val scores come from the logs of the trainings; --test adds what
tools/test.py wrote into a folder of each work directory.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import TypeVar

import numpy as np

from mmscm.apis.results import TestRecord
from mmscm.evaluation.null_rows import best_centre_box
from mmscm.evaluation.protocols import WSOLEVAL
from mmscm.evaluation.top1_errors import ERRORS

sys.path.append(str(Path(__file__).parents[1] / 'analysis'))
from image_rows import ImageRow, read_image_rows
from runs import Curves, epoch_curves

Images = Sequence[ImageRow]  # of one test
T = TypeVar('T')

SELECT = 'wsol/gt_known'  # chooses the epoch
VAL_COLUMNS = {
    'Cls': 'wsol/top1_cls',
    'GT-Known': SELECT,
    'Top-1 Loc': 'wsol/top1_loc',
    'V2': 'wsol/max_box_acc_v2',
}
HITS: dict[str, Callable[[ImageRow], bool]] = {
    'Top-1 Cls': lambda i: i.error != 'cls_wrong',
    'Top-1 Loc': lambda i: i.error != 'cls_wrong' and i.iou >= 0.5,
    'GT-Known': lambda i: i.iou >= 0.5,
}
MAPS: dict[str, Callable[[ImageRow], float]] = {
    'coverage': lambda i: i.coverage,
    'precision': lambda i: i.precision,
}
TEST_COLUMNS = (*HITS, 'MaxBoxAcc', 'MaxBoxAccV2')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        'runs',
        nargs='+',
        type=Path,
        metavar='WORK_DIR',
        help='one a training; for the tables of val also a file of\n'
        'docs/evidence',
    )
    parser.add_argument(
        '--test',
        metavar='FOLDER',
        help='tables of the tests in WORK_DIR/FOLDER',
    )
    parser.add_argument(
        '--differences',
        nargs=2,
        metavar='METHOD',
        help='two methods whose difference is tested, such as\n'
        'tscam_lr0.0003 scm_lr0.001 (with --test)',
    )
    args = parser.parse_args()
    if args.differences and not args.test:
        parser.error('Expected --test FOLDER with --differences.')
    return args


def val_curves(run: Path) -> Curves:
    """Val scores of every epoch, from logs or a record of docs/evidence."""
    if run.is_dir():
        return epoch_curves(run)
    val = json.loads(run.read_text(encoding='utf-8'))['val']
    return {
        key: {int(epoch): value for epoch, value in curve.items()}
        for key, curve in val.items()
    }


def by_method(runs: Mapping[str, T]) -> dict[str, list[T]]:
    """Runs that differ in their seed only, in order."""
    methods: dict[str, list[T]] = {}
    for name, run in runs.items():
        methods.setdefault(re.sub(r'_seed\d+$', '', name), []).append(run)
    return methods


def spread(values: Iterable[float]) -> str:
    """``44.0 ± 1.2``: mean and standard deviation of the sample."""
    values = list(values)
    if len(values) < 2:
        return f'{values[0]:.1f}'
    return f'{mean(values):.1f} ± {stdev(values):.1f}'


def best_epoch(curves: Curves) -> int:
    """The first epoch with the best val GT-Known."""
    return max(sorted(curves[SELECT]), key=curves[SELECT].__getitem__)


def val_table(methods: Mapping[str, Sequence[Curves]]) -> str:
    """Scores at the epoch that val chooses; thresholds are the best on val."""
    rows = []
    for name, runs in methods.items():
        epochs = [best_epoch(curves) for curves in runs]
        chosen = list(zip(runs, epochs, strict=True))
        cells = [
            spread(curves[key][epoch] for curves, epoch in chosen)
            for key in VAL_COLUMNS.values()
        ]
        rows.append([name, len(runs), ', '.join(map(str, epochs)), *cells])
    return markdown(['run', 'seeds', 'epoch', *VAL_COLUMNS], rows)


def epoch_table(methods: Mapping[str, Sequence[Curves]]) -> str:
    """``Cls / GT-Known`` on val after every epoch."""
    last = max(max(runs[0][SELECT]) for runs in methods.values())
    rows = []
    for name, runs in methods.items():
        cells = [
            ' / '.join(
                spread(curves[key][epoch] for curves in runs)
                for key in (VAL_COLUMNS['Cls'], SELECT)
                if epoch in runs[0][key]
            )
            for epoch in range(1, last + 1)
        ]
        rows.append([name, *cells])
    epochs = [f'epoch {epoch}' for epoch in range(1, last + 1)]
    return markdown(['run', *epochs], rows)


def protocol_table(methods: Mapping[str, Sequence[TestRecord]]) -> str:
    """Every protocol and origin of the thresholds on the test split."""
    rows = []
    for name, records in methods.items():
        for same in zip(*(record.rows for record in records), strict=True):
            cells = [
                spread(row.scores[column].value for row in same)
                if column in same[0].scores
                else '-'
                for column in TEST_COLUMNS
            ]
            rows.append([name, same[0].protocol, same[0].origin, *cells])
    return markdown(['run', 'protocol', 'thresholds', *TEST_COLUMNS], rows)


def hits(runs: Sequence[Images], column: str) -> np.ndarray:
    """Which images are right, or shares of ``MAPS``, shape (runs, N)."""
    names = [[image.name for image in images] for images in runs]
    if any(other != names[0] for other in names):
        raise ValueError(
            'Expected runs that were tested on the same images, but got '
            'different ones.'
        )
    of = (HITS | MAPS)[column]
    return np.array([[of(image) for image in images] for images in runs])


def group_table(methods: Mapping[str, Sequence[Images]], field: str) -> str:
    """GT-Known by group of images, and of the best centred square there.

    Args:
        methods (Mapping[str, Sequence[Images]]): Seeds of every method.
        field (str): 'size_group' or 'class_name'.

    Returns:
        str: One row a group, the last of all images.
    """
    images = next(iter(methods.values()))[0]
    groups = np.array([getattr(image, field) for image in images])
    right = {name: hits(runs, 'GT-Known') for name, runs in methods.items()}
    rows = []
    for group in [*np.unique(groups), 'all']:
        inside = (groups == group) | (group == 'all')
        members = [images[index] for index in np.flatnonzero(inside)]
        cells = [spread(100 * r[:, inside].mean(1)) for r in right.values()]
        rows.append([group, len(members), centre_box(members), *cells])
    heading = {'size_group': 'object covers', 'class_name': 'class'}[field]
    return markdown([heading, 'images', 'best centred box', *methods], rows)


def centre_box(images: Images) -> str:
    """Score and side of the best centred square on these images."""
    (side,) = {edge for i in images for edge in (i.width, i.height)}
    boxes = [
        WSOLEVAL.true_boxes(np.array(image.true_boxes), (side, side))
        for image in images
    ]
    rate, best = best_centre_box(boxes, side)
    return f'{rate:.1f} ({best} px)'


def error_table(methods: Mapping[str, Sequence[Images]]) -> str:
    """Why Top-1 localization fails, percent of the images."""
    rows = []
    for name, runs in methods.items():
        found = np.array([[i.error for i in images] for images in runs])
        cells = [spread(100 * (found == e).mean(1)) for e in ERRORS]
        rows.append([name, *cells])
    return markdown(['method', *ERRORS], rows)


def map_table(methods: Mapping[str, Sequence[Images]]) -> str:
    """Do thresholded maps cover the true boxes, and only these, percent."""
    rows = [
        [name, *(spread(100 * hits(runs, key).mean(1)) for key in MAPS)]
        for name, runs in methods.items()
    ]
    return markdown(['method', *MAPS], rows)


def difference_table(first: Sequence[Images], second: Sequence[Images]) -> str:
    """Second - first in percent points, with 95 % intervals over images."""
    rows = []
    for column in HITS | MAPS:
        right = hits([*first, *second], column)
        change = paired_bootstrap(right[: len(first)], right[len(first) :])
        gain, low, high = (f'{value:+.1f}' for value in change)
        rows.append([column, gain, f'[{low}, {high}]'])
    return markdown(['value', 'difference', '95 % over images'], rows)


def paired_bootstrap(
    first: np.ndarray, second: np.ndarray, samples: int = 10_000
) -> tuple[float, float, float]:
    """Percentile bootstrap over images that both methods were tested on.

    The trainings of a method are averaged within each drawn image first, so
    the interval is about the images, for these trainings.

    Args:
        first (np.ndarray): Hits of one method, shape (seeds, N), in [0, 1].
        second (np.ndarray): Those of the other on the same images.
        samples (int): Number of drawn sets of images.

    Returns:
        tuple[float, float, float]: Mean of second - first and the ends of
        the 95 % interval, percent points.
    """
    gain = 100 * (second.mean(0) - first.mean(0))
    draws = np.random.default_rng(0).integers(
        len(gain), size=(samples, len(gain))
    )
    low, high = np.quantile(gain[draws].mean(1), [0.025, 0.975])
    return float(gain.mean()), float(low), float(high)


def markdown(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ['---'] * len(header), *rows]
    return '\n'.join(f'| {" | ".join(map(str, line))} |' for line in lines)


def print_test(runs: Mapping[str, Path], differences: Sequence[str]) -> None:
    """Tables of the tests in some folders, by name of the run."""
    records = {name: TestRecord.read(run) for name, run in runs.items()}
    print(protocol_table(by_method(records)), '\n')
    images = {name: read_image_rows(run) for name, run in runs.items()}
    methods = by_method(images)
    for field in ('size_group', 'class_name'):
        print(group_table(methods, field), '\n')
    print(error_table(methods), '\n')
    print(map_table(methods), '\n')
    if differences:
        first, second = differences
        print(f'{second} - {first}\n')
        print(difference_table(methods[first], methods[second]))


def main() -> None:
    args = parse_args()
    runs = {run.stem if run.is_file() else run.name: run for run in args.runs}
    if args.test:
        folders = {name: run / args.test for name, run in runs.items()}
        print_test(folders, args.differences)
        return
    curves = {name: val_curves(run) for name, run in runs.items()}
    trained = {name: found for name, found in curves.items() if found}
    print(f'{len(trained)} of {len(runs)} runs were validated.\n')
    if trained:
        methods = by_method(trained)
        print(val_table(methods), '\n')
        print(epoch_table(methods))


if __name__ == '__main__':
    main()
