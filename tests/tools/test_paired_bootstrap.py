import numpy as np
import pytest
from summarize import paired_bootstrap


def test_equal_methods_differ_by_exactly_zero():
    hits = np.array([[0, 1, 1, 0, 1]])
    assert paired_bootstrap(hits, hits) == (0, 0, 0)


def test_the_interval_has_the_width_of_the_normal_approximation():
    gain = np.tile([1, 0, 0, 0], (1, 100))
    mean, low, high = paired_bootstrap(np.zeros((1, 400)), gain)
    half = 1.96 * 100 * (0.25 * 0.75 / 400) ** 0.5
    assert mean == pytest.approx(25)
    assert (high - low) / 2 == pytest.approx(half, rel=0.05)


def test_seeds_are_averaged_within_each_image():
    first = np.array([[0, 1], [1, 0]])  # half a hit on each of two images
    assert paired_bootstrap(first, np.array([[1, 1]])) == (50, 50, 50)
