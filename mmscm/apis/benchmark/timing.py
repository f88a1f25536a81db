"""Times of variants that run in turn, and their ratios round by round."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

# CPU time of this process leaves out what other processes do meanwhile; the
# wall clock is right for workers and for a GPU.
CLOCKS = {'cpu': time.process_time, 'wall': time.perf_counter}


class Row(NamedTuple):
    """One line of a report.

    Attributes:
        case (str): What was run, such as the grid.
        name (str): The variant.
        seconds (float): Median over the rounds.
        fastest (float): Minimum over the rounds, seconds.
        ratio (float): Median of time / time of the first variant in the
            same round.
        low (float): First quartile of that ratio.
        high (float): Third quartile of that ratio.
    """

    case: str
    name: str
    seconds: float
    fastest: float
    ratio: float
    low: float
    high: float


def compare(
    case: str,
    variants: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: str = 'cpu',
    warmup: int = 1,
) -> list[Row]:
    """Run every variant once a round and compare them to the first.

    Absolute times drift with the load of a machine. Variants that take
    turns see the same drift, so their ratios hold.

    Args:
        case (str): Name of the case in the report.
        variants (Mapping[str, Callable]): Name to function without arguments.
        rounds (int): Number of measured rounds.
        clock (str): 'cpu' or 'wall'.
        warmup (int): Rounds before the first measured one.

    Returns:
        list[Row]: One for each variant.
    """
    rounds_run = [
        [_seconds(run, CLOCKS[clock]) for run in variants.values()]
        for _ in range(warmup + rounds)
    ]
    times = np.array(rounds_run[warmup:])  # (rounds, variants)
    ratios = times / times[:, :1]
    low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75), axis=0)
    columns = zip(
        variants,
        np.median(times, 0).tolist(),
        times.min(0).tolist(),
        middle.tolist(),
        low.tolist(),
        high.tolist(),
        strict=True,
    )
    return [Row(case, *values) for values in columns]


def _seconds(run: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    run()
    return clock() - start
