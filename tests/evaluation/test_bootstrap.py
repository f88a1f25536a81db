"""Paired bootstrap over images."""

import numpy as np
import pytest

from mmscm.evaluation.bootstrap import paired_bootstrap


def test_equal_models_differ_by_exactly_zero():
    hits = np.array([0, 1, 1, 0, 1])
    assert paired_bootstrap(hits, hits) == (0, 0, 0)


def test_a_gain_on_every_image_has_no_spread():
    assert paired_bootstrap(np.zeros(7), np.ones(7)) == (100, 100, 100)


def test_the_mean_is_second_minus_first_in_percent_points():
    result = paired_bootstrap(np.array([1, 0, 0, 0]), np.array([1, 1, 1, 0]))
    assert result.mean == pytest.approx(50)


def test_the_interval_has_the_width_of_the_normal_approximation():
    gain = np.tile([1, 0, 0, 0], 100)
    low, high = paired_bootstrap(np.zeros(400), gain)[1:]
    half = 1.96 * 100 * (0.25 * 0.75 / 400) ** 0.5
    assert (high - low) / 2 == pytest.approx(half, rel=0.05)


def test_swapping_the_models_mirrors_the_interval():
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 2, (2, 150))
    there = paired_bootstrap(first, second)
    back = paired_bootstrap(second, first)
    assert there.mean == pytest.approx(-back.mean)
    assert there.low == pytest.approx(-back.high)


def test_seeds_are_averaged_within_each_image():
    first = np.array([[0, 1], [1, 0]])  # half a hit on each of two images
    assert paired_bootstrap(first, np.array([1, 1])) == (50, 50, 50)


def test_other_images_are_refused():
    with pytest.raises(ValueError, match='but got 2 and 3 images'):
        paired_bootstrap(np.zeros(2), np.zeros(3))


def test_a_level_in_percent_is_refused():
    with pytest.raises(ValueError, match='It is a fraction'):
        paired_bootstrap(np.zeros(2), np.zeros(2), level=95)
