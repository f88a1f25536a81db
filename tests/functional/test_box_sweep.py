"""The sweep against one contour call a level."""

import cv2
import numpy as np
import pytest
from random_maps import random_map

from mmscm.functional import boxes
from mmscm.functional.box_sweep import _tables, sweep_all, sweep_largest
from mmscm.functional.boxes import ThresholdedMap, contour_boxes

LEVELS = np.arange(256)
N, NE, E, SE, S, SW, W, NW = (1 << i for i in range(8))


def assert_sweep_equals_contours(image, levels):
    largest, undecided = sweep_largest(image, LEVELS)
    rows = sweep_all(image, LEVELS)
    for level in levels:
        want = contour_boxes(image, level)
        if not undecided[level]:
            np.testing.assert_array_equal(largest[level], want[0])
        want = contour_boxes(image, level, all_contours=True)
        want = want[want[:, 2] > 0]  # zeros: no pixel is above the level
        got = rows[rows[:, 0] == level, 1:]
        assert sorted(got.tolist()) == sorted(want.tolist())


def some_levels(image, seed):
    """Up to 40 of the levels that change the mask, and the extremes."""
    levels = np.random.default_rng(seed).permutation(np.unique(image))[:40]
    return {0, 254, 255, *levels.tolist()}


@pytest.mark.parametrize('start', range(0, 220, 20))
def test_every_level_has_the_boxes_of_its_contours(start):
    for seed in range(start, start + 20):
        image = random_map(seed)
        assert_sweep_equals_contours(image, some_levels(image, seed))


@pytest.mark.slow
@pytest.mark.parametrize('start', range(1000, 3000, 500))
def test_every_level_of_2000_maps(start):
    for seed in range(start, start + 500):
        image = random_map(seed)
        assert_sweep_equals_contours(image, some_levels(image, seed))


def test_a_map_of_the_usual_size_and_one_wider_than_two_bytes():
    patches = np.random.default_rng(0).integers(0, 256, (5, 5), np.uint8)
    usual = cv2.resize(patches, (224, 224), interpolation=cv2.INTER_CUBIC)
    wide = np.zeros((4, 70000), np.uint8)
    wide[:, 65530:65542] = usual[:4, :12] // 2 + 100
    for image in (usual, wide):
        assert_sweep_equals_contours(image, (0, 100, 200))


@pytest.mark.parametrize('first', [0, 1])
def test_a_checkerboard_has_as_many_holes_as_fit(first):
    y, x = np.ogrid[:31, :33]
    image = ((y + x) % 2 == first).astype(np.uint8) * 255
    assert_sweep_equals_contours(image, (0, 254, 255))


@pytest.mark.parametrize('all_contours', [False, True])
@pytest.mark.parametrize('seed', range(11))
def test_thresholds_have_the_same_boxes_with_and_without_a_sweep(
    seed, all_contours, monkeypatch
):
    image = random_map(seed)
    swept, called = (
        level_boxes(image, all_contours, monkeypatch, sweep_from)
        for sweep_from in (0, 1000)
    )
    np.testing.assert_array_equal(swept.level_of_thr, called.level_of_thr)
    np.testing.assert_array_equal(swept.starts, called.starts)
    order = swept.boxes.tolist(), called.boxes.tolist()
    if not all_contours:  # ties are left to the contours
        assert order[0] == order[1]
    assert sorted(order[0]) == sorted(order[1])


def level_boxes(image, all_contours, monkeypatch, sweep_from):
    monkeypatch.setattr(boxes, '_SWEEP_FROM', sweep_from)
    cut = ThresholdedMap(image, np.arange(0, 1, 0.001))
    return cut.all_contours if all_contours else cut.largest


def test_two_equal_areas_are_undecided():
    image = np.zeros((5, 9), np.uint8)
    image[1:4, 1:4] = image[1:4, 5:8] = 255
    assert sweep_largest(image, np.array([0]))[1]


def test_a_ring_that_could_enclose_more_is_undecided():
    image = np.zeros((9, 14), np.uint8)
    image[1:4, 10:13] = 255  # polygon area 4
    image[1:8, 1:8] = 255
    image[2:7, 2:7] = 0  # polygon area 36, quads of its own 0
    assert sweep_largest(image, np.array([0]))[1]
    np.testing.assert_array_equal(contour_boxes(image, 0), [[1, 1, 8, 8]])


@pytest.mark.parametrize(
    ('mask', 'eight', 'four'),
    [
        (0, 0, 0),
        (N | E, 1, 2),  # they touch at a corner
        (N | NE | E, 1, 1),
        (N | S, 2, 2),
        (NE | SW, 2, 0),  # corners are no neighbours of four
        (N | E | S | W, 1, 4),
        (NE | SE | SW | NW, 4, 0),
        (255, 1, 1),
    ],
)
def test_groups_of_neighbours(mask, eight, four):
    assert _tables(False)[0][mask] == eight
    assert _tables(True)[0][mask] == four


@pytest.mark.parametrize(
    ('mask', 'area', 'euler'),
    [
        (0, 0, 4),  # four quads become a single pixel
        (255, 4, 4),  # a hole of one pixel is filled
        (W, 0, 0),
        (N | NE | E, 1, 0),  # a square
        (N | S, 0, -4),  # two components become one
    ],
)
def test_gains_of_doubled_area_and_fourfold_euler_number(mask, area, euler):
    assert _tables(False)[2][mask].tolist() == [area, euler]
