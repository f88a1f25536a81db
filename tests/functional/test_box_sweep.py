"""The sweep against one contour call a level."""

import cv2
import numpy as np
import pytest
from random_maps import random_map

from mmscm.functional import boxes
from mmscm.functional.box_sweep import sweep_all, sweep_largest
from mmscm.functional.boxes import ThresholdedMap, contour_boxes

LEVELS = np.arange(256)


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


@pytest.mark.parametrize(
    'seeds',
    [range(90), pytest.param(range(1000, 1500), marks=pytest.mark.slow)],
)
def test_every_level_has_the_boxes_of_its_contours(seeds):
    for seed in seeds:
        image = random_map(seed)
        # up to 40 of the levels that change the mask, and the extremes
        rng = np.random.default_rng(seed)
        levels = rng.permutation(np.unique(image))[:40].tolist()
        assert_sweep_equals_contours(image, {0, 254, 255, *levels})


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


@pytest.mark.parametrize('kind', ['largest', 'all_contours'])
@pytest.mark.parametrize('seed', range(9))
def test_thresholds_have_the_same_boxes_with_and_without_a_sweep(
    seed, kind, monkeypatch
):
    found = []
    for sweep_from in (0, 1000):
        monkeypatch.setattr(boxes, '_SWEEP_FROM', sweep_from)
        cut = ThresholdedMap(random_map(seed), np.arange(0, 1, 0.001))
        found.append(getattr(cut, kind))
    swept, called = found
    np.testing.assert_array_equal(swept.level_of_thr, called.level_of_thr)
    np.testing.assert_array_equal(swept.starts, called.starts)
    order = swept.boxes.tolist(), called.boxes.tolist()
    if kind == 'largest':  # ties are left to the contours
        assert order[0] == order[1]
    assert sorted(order[0]) == sorted(order[1])


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
