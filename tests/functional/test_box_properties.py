"""Properties of boxes and IoU that hold for any input."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from random_maps import random_map

from mmscm.functional import boxes as boxes_module
from mmscm.functional.boxes import boxes_from_map, pairwise_iou

THRS = [0.0, 0.2, 0.4, 0.6, 0.8]
SIDE = 12

seeds = st.integers(0, 10**6)
few_boxes = arrays(np.int64, (3, 4), elements=st.integers(0, SIDE - 1)).map(
    lambda b: np.concatenate(
        [np.minimum(b[:, :2], b[:, 2:]), np.maximum(b[:, :2], b[:, 2:])], 1
    )
)
quick = settings(max_examples=25, deadline=None)


@pytest.fixture(scope='module', autouse=True, params=[0, 1000])
def _sweep_from(request):
    """Every test by the sweep, then by a contour call a level."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boxes_module, '_SWEEP_FROM', request.param)
        yield


def scores(seed):
    return random_map(seed) / 255


def box_sets(score_map):
    """Boxes of all contours, as sorted lists, at every threshold."""
    found = boxes_from_map(score_map, THRS, all_contours=True, clip=False)
    return [sorted(boxes.tolist()) for boxes in found]


def moved(boxes, transform):
    """Boxes that are there (no pixel above the threshold gives zeros)."""
    return sorted(b if b[2] == 0 else transform(b) for b in boxes)


@quick
@given(seeds, st.integers(0, 5), st.integers(0, 5))
def test_boxes_move_with_the_map(seed, dx, dy):
    score_map = scores(seed)
    padded = np.pad(score_map, ((dy, 2), (dx, 3)))
    for old, new in zip(box_sets(score_map), box_sets(padded), strict=True):
        shift = np.array([dx, dy, dx, dy])
        assert new == moved(old, lambda box, s=shift: (box + s).tolist())


@quick
@given(seeds)
def test_boxes_are_mirrored_with_the_map(seed):
    score_map = scores(seed)
    width = score_map.shape[1]
    mirrored = box_sets(score_map[:, ::-1])
    for old, new in zip(box_sets(score_map), mirrored, strict=True):
        assert new == moved(
            old, lambda b: [width - b[2], b[1], width - b[0], b[3]]
        )


@quick
@given(seeds)
def test_boxes_are_transposed_with_the_map(seed):
    score_map = scores(seed)
    for old, new in zip(
        box_sets(score_map), box_sets(score_map.T), strict=True
    ):
        assert new == moved(old, lambda b: [b[1], b[0], b[3], b[2]])


@quick
@given(seeds)
def test_a_higher_threshold_stays_inside_a_lower_one(seed):
    found = boxes_from_map(scores(seed), THRS, all_contours=True, clip=False)
    for low, high in pairwise(found):
        for box in high[high[:, 2] > 0]:
            inside = (low[:, :2] <= box[:2]) & (low[:, 2:] >= box[2:])
            assert inside.all(1).any()


@quick
@given(seeds)
def test_the_box_of_the_largest_contour_is_one_of_all(seed):
    score_map = scores(seed)
    largest = boxes_from_map(score_map, THRS, clip=False)
    for box, boxes in zip(largest, box_sets(score_map), strict=True):
        assert box[0].tolist() in boxes


@quick
@given(seeds)
def test_boxes_of_objects_are_those_of_flood_filling(seed):
    score_map = scores(seed)
    sets = box_sets(score_map)
    grey = (score_map * 255).astype(np.uint8)
    for thr, boxes in zip(THRS, sets, strict=True):
        mask = grey > int(thr * grey.max())
        assert all(box in boxes for box in flooded(mask))


def flooded(mask):
    """Boxes of the 8-connected components, by flood filling."""
    left = set(zip(*np.nonzero(mask), strict=True))
    while left:
        stack, pixels = [left.pop()], []
        while stack:
            y, x = stack.pop()
            pixels.append((x, y))
            near = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)}
            stack += near & left
            left -= near
        low, high = np.min(pixels, 0), np.max(pixels, 0) + 1
        yield [*low.tolist(), *high.tolist()]


@quick
@given(few_boxes, few_boxes)
def test_inclusive_iou_is_that_of_sets_of_pixels(boxes_a, boxes_b):
    want = [[_set_iou(a, b, 1) for b in boxes_b] for a in boxes_a]
    got = pairwise_iou(boxes_a, boxes_b, inclusive=True)
    np.testing.assert_allclose(got, want)


@quick
@given(few_boxes, few_boxes)
def test_iou_is_that_of_sets_of_unit_squares(boxes_a, boxes_b):
    want = [[_set_iou(a, b, 0) for b in boxes_b] for a in boxes_a]
    np.testing.assert_allclose(pairwise_iou(boxes_a, boxes_b), want)


def _set_iou(a, b, border):
    planes = np.zeros((2, SIDE, SIDE), bool)
    for plane, (x0, y0, x1, y1) in zip(planes, (a, b), strict=True):
        plane[y0 : y1 + border, x0 : x1 + border] = True
    return planes.all(0).sum() / max(planes.any(0).sum(), 1)


@quick
@given(few_boxes, few_boxes, st.booleans(), st.integers(-50, 50))
def test_iou_is_symmetric_and_ignores_translation(a, b, inclusive, shift):
    ious = pairwise_iou(a, b, inclusive)
    np.testing.assert_allclose(ious, pairwise_iou(b, a, inclusive).T)
    moved_ious = pairwise_iou(a + shift, b + shift, inclusive)
    np.testing.assert_allclose(ious, moved_ious)
    assert ious.max() <= 1
    assert ious.min() >= 0


@quick
@given(few_boxes)
def test_inclusive_iou_with_itself_is_one(boxes):
    ious = np.diag(pairwise_iou(boxes, boxes, inclusive=True))
    assert ious == pytest.approx(1)
