"""The sweep against one contour call a level."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from random_maps import random_map

from mmscm.functional import box_thresholds
from mmscm.functional.box_sweep import sweep_holes, sweep_objects
from mmscm.functional.box_thresholds import ThresholdedMap, contour_boxes

LEVELS = np.arange(256)


@pytest.fixture(scope='module', autouse=True)
def _compiled():
    image = np.zeros((4, 4), np.uint8)
    all_boxes(image)


def all_boxes(image):
    objects = sweep_objects(image, LEVELS)
    holes = sweep_holes(image, LEVELS, objects.holes)
    assert len(holes) == objects.holes.sum()
    return np.concatenate([objects.rows, holes])


def assert_sweep_equals_contours(seed):
    image = random_map(seed)
    objects = sweep_objects(image, LEVELS)
    rows = all_boxes(image)
    for level in some_levels(image, seed):
        want = contour_boxes(image, level)
        if not objects.undecided[level]:
            np.testing.assert_array_equal(objects.largest[level], want[0])
        want = contour_boxes(image, level, all_contours=True)
        want = want[want[:, 2] > 0]  # zeros: no pixel is above the level
        got = rows[rows[:, 0] == level, 1:]
        assert sorted(got.tolist()) == sorted(want.tolist())


def some_levels(image, seed):
    """Up to 40 of the levels that change the mask, and the extremes."""
    levels = np.random.default_rng(seed).permutation(np.unique(image))[:40]
    return {0, 254, 255, *levels.tolist()}


@pytest.mark.parametrize('start', range(0, 300, 20))
def test_every_level_has_the_boxes_of_its_contours(start):
    for seed in range(start, start + 20):
        assert_sweep_equals_contours(seed)


def test_a_map_of_the_usual_size_and_one_wider_than_two_bytes():
    patches = np.random.default_rng(0).integers(0, 256, (5, 5), np.uint8)
    usual = cv2.resize(patches, (224, 224), interpolation=cv2.INTER_CUBIC)
    wide = np.zeros((4, 70000), np.uint8)
    wide[:, 65530:65542] = usual[:4, :12] // 2 + 100
    for image in (usual, wide):
        found = all_boxes(image)
        for level in (0, 100, 200):
            want = contour_boxes(image, level, all_contours=True)
            want = want[want[:, 2] > 0]
            got = found[found[:, 0] == level, 1:]
            assert sorted(got.tolist()) == sorted(want.tolist())


@pytest.mark.slow
@pytest.mark.parametrize('start', range(1000, 11000, 500))
def test_every_level_of_10000_maps(start):
    for seed in range(start, start + 500):
        assert_sweep_equals_contours(seed)


@pytest.mark.parametrize('all_contours', [False, True])
@pytest.mark.parametrize('seed', range(9))
def test_ties_are_left_to_the_contours(seed, all_contours, monkeypatch):
    image = random_map(seed)
    thrs = np.arange(0, 1, 0.001)
    monkeypatch.setattr(box_thresholds, '_SWEEP_FROM', 0)
    swept = level_boxes(image, thrs, all_contours)
    monkeypatch.setattr(box_thresholds, '_SWEEP_FROM', 1000)
    called = level_boxes(image, thrs, all_contours)
    np.testing.assert_array_equal(swept.level_of_thr, called.level_of_thr)
    np.testing.assert_array_equal(swept.starts, called.starts)
    order = swept.boxes.tolist(), called.boxes.tolist()
    if not all_contours:
        assert order[0] == order[1]
    assert sorted(order[0]) == sorted(order[1])


def level_boxes(image, thrs, all_contours):
    found = ThresholdedMap(image, thrs)
    return found.all_contours(image) if all_contours else found.largest


def test_rows_beyond_the_limit_are_found_again(monkeypatch):
    image, thrs = random_map(2), np.arange(0, 1, 0.01)
    want = level_boxes(image, thrs, True)
    monkeypatch.setattr(box_thresholds, '_MAX_ROWS', 10)
    assert not ThresholdedMap(image, thrs).objects.complete
    got = level_boxes(image, thrs, True)
    np.testing.assert_array_equal(got.boxes, want.boxes)


def test_two_equal_areas_are_undecided():
    image = np.zeros((5, 9), np.uint8)
    image[1:4, 1:4] = image[1:4, 5:8] = 255
    assert sweep_objects(image, np.array([0])).undecided


def test_a_ring_that_could_enclose_more_is_undecided():
    image = np.zeros((9, 14), np.uint8)
    image[1:4, 10:13] = 255  # polygon area 4
    image[1:8, 1:8] = 255
    image[2:7, 2:7] = 0  # polygon area 36, quads of its own 0
    assert sweep_objects(image, np.array([0])).undecided
    np.testing.assert_array_equal(contour_boxes(image, 0), [[1, 1, 8, 8]])


def test_threads_do_not_share_memory():
    images = [random_map(seed) for seed in range(30)]
    want = [all_boxes(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda image: all_boxes(image), images))
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a, b)
