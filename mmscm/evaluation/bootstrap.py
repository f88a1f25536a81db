"""Is a difference between two models more than chance over the images?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Difference(NamedTuple):
    """Mean of second - first with an interval over images.

    Attributes:
        mean (float): Percent points.
        low (float): Lower end of the interval, percent points.
        high (float): Upper end of the interval, percent points.
    """

    mean: float
    low: float
    high: float


def paired_bootstrap(
    first: np.ndarray,
    second: np.ndarray,
    level: float = 0.95,
    samples: int = 10_000,
    seed: int = 0,
) -> Difference:
    """Percentile bootstrap over images that both models were tested on.

    Several trainings of a model are averaged within each drawn image first,
    so the interval is about the images, for these trainings.

    Args:
        first (np.ndarray): Hits of one model, shape (N,) or (seeds, N), of
            any number type with values in [0, 1].
        second (np.ndarray): Those of the other on the same N images, the
            number of seeds may differ.
        level (float): Share of the bootstrap means inside, in (0, 1).
        samples (int): Number of drawn sets of images.
        seed (int): Of the draws.

    Returns:
        Difference: In percent points.
    """
    first, second = (np.atleast_2d(hits).mean(0) for hits in (first, second))
    if first.shape != second.shape:
        raise ValueError(
            'Expected hits of the same images, but got '
            f'{len(first)} and {len(second)} images.'
        )
    if not 0 < level < 1:
        raise ValueError(
            f'Expected `level` in (0, 1), but got {level}. It is a fraction.'
        )
    gain = 100 * (second - first)
    draws = np.random.default_rng(seed).integers(
        len(gain), size=(samples, len(gain))
    )
    tail = (1 - level) / 2
    low, high = np.quantile(gain[draws].mean(1), [tail, 1 - tail])
    return Difference(float(gain.mean()), float(low), float(high))
