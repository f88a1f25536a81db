"""Properties of boxes and IoU that hold for any input."""

from itertools import pairwise

import cv2
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


MOVES = {
    'pad': (
        lambda plane: np.pad(plane, ((3, 2), (4, 1))),
        lambda x0, y0, x1, y1, width: [x0 + 4, y0 + 3, x1 + 4, y1 + 3],
    ),
    'mirror': (
        lambda plane: plane[:, ::-1],
        lambda x0, y0, x1, y1, width: [width - x1, y0, width - x0, y1],
    ),
    'transpose': (np.transpose, lambda x0, y0, x1, y1, _: [y0, x0, y1, x1]),
}


@pytest.mark.parametrize('move', MOVES)
@quick
@given(seeds)
def test_boxes_move_with_the_map(move, seed):
    score_map = scores(seed)
    of_map, of_box = MOVES[move]
    moved = box_sets(of_map(score_map))
    for old, new in zip(box_sets(score_map), moved, strict=True):
        there = [box for box in old if box[2]]  # zeros: no pixel is above
        want = [of_box(*box, score_map.shape[1]) for box in there]
        assert [box for box in new if box[2]] == sorted(want)


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
def test_boxes_of_objects_are_those_of_connected_components(seed):
    score_map = scores(seed)
    sets = box_sets(score_map)
    grey = (score_map * 255).astype(np.uint8)
    for thr, boxes in zip(THRS, sets, strict=True):
        mask = (grey > int(thr * grey.max())).astype(np.uint8)
        stats = cv2.connectedComponentsWithStats(mask, connectivity=8)[2]
        for x, y, width, height, _ in stats[1:].tolist():
            assert [x, y, x + width, y + height] in boxes


@quick
@given(few_boxes, few_boxes, st.booleans())
def test_iou_is_that_of_sets_of_pixels(boxes_a, boxes_b, inclusive):
    want = [[_set_iou(a, b, inclusive) for b in boxes_b] for a in boxes_a]
    got = pairwise_iou(boxes_a, boxes_b, inclusive)
    np.testing.assert_allclose(got, want)


def _set_iou(a, b, border):
    planes = np.zeros((2, SIDE, SIDE), bool)
    for plane, (x0, y0, x1, y1) in zip(planes, (a, b), strict=True):
        plane[y0 : y1 + border, x0 : x1 + border] = True
    return planes.all(0).sum() / max(planes.any(0).sum(), 1)
